//! A panic of an inner service, made into a response that has the id.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::util::diagnostics;

/// A panic, to be reported in the scope of its request.
pub(super) struct Panicked(Box<dyn Any + Send>);

impl Panicked {
    pub(super) fn report(&self) {
        let text = self.0.downcast_ref::<&'static str>().copied();
        let text = text.or_else(|| self.0.downcast_ref::<String>().map(String::as_str));
        diagnostics::panic(text.unwrap_or("a value that is not a string"));
    }
}

/// Runs code of the user in the scope of the request, and catches its panic where that is enabled.
#[inline]
pub(super) fn catch_and_report<T>(enabled: bool, run: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch(enabled, run).inspect_err(Panicked::report)
}

/// [`catch_and_report`] where no scope is open yet, so that the report has to wait for one.
#[inline]
pub(super) fn catch<T>(enabled: bool, run: impl FnOnce() -> T) -> Result<T, Panicked> {
    if !enabled {
        return Ok(run());
    }
    // Whatever has panicked is dropped, and never used again.
    catch_unwind(AssertUnwindSafe(run)).map_err(Panicked)
}
