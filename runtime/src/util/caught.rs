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

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use super::caught;

    #[test]
    fn the_payload_may_panic_again() {
        struct Panics;
        impl Drop for Panics {
            fn drop(&mut self) {
                panic!("the payload's destructor");
            }
        }
        assert_eq!(caught(|| panic_any(Panics)), None::<()>);
        assert_eq!(caught(|| 1), Some(1));
    }
}
