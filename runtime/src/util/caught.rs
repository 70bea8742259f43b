//! Contains panics of user code.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `run`, and returns `None` if it panics. The caller must not use data that may be half written.
pub(crate) fn caught<R>(run: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(run))
        .map_err(drop_payload)
        .ok()
}

/// Drops the payload of a panic, a user's value whose destructor may panic as well.
pub(crate) fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}
