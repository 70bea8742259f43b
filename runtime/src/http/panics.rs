//! A panic of what stands further in, made into a response that has the id.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::report;

/// Something further in panicked, and it has been reported.
pub(super) struct Panicked;

/// Runs code of the inner service, in the scope, and catches its panic if that is wanted.
#[inline]
pub(super) fn watch<T>(catch: bool, run: impl FnOnce() -> T) -> Result<T, Panicked> {
    if !catch {
        return Ok(run());
    }
    // What has panicked is dropped, and never looked at again.
    catch_unwind(AssertUnwindSafe(run)).map_err(|payload| {
        report::panic(message_of(&*payload));
        Panicked
    })
}

fn message_of(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a value that is no text")
}
