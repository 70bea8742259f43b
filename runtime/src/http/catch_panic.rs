//! Catches panics of the inner service, so that they become responses with the id.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::util::diagnostics;

/// A caught panic, to be reported in the scope of its request.
pub(super) struct Panicked(Box<dyn Any + Send>);

impl Panicked {
    pub(super) fn report(&self) {
        let text = self.0.downcast_ref::<&'static str>().copied();
        let text = text.or_else(|| self.0.downcast_ref::<String>().map(String::as_str));
        diagnostics::panic(text.unwrap_or("a value that is not a string"));
    }
}

/// Runs user code in the scope of the request. Catches and reports a panic if `enabled`.
#[inline]
pub(super) fn catch_and_report<T>(enabled: bool, run: impl FnOnce() -> T) -> Result<T, Panicked> {
    catch(enabled, run).inspect_err(Panicked::report)
}

/// Like [`catch_and_report`], but does not report the panic: for code that runs before a scope is open.
#[inline]
pub(super) fn catch<T>(enabled: bool, run: impl FnOnce() -> T) -> Result<T, Panicked> {
    if !enabled {
        return Ok(run());
    }
    // The callers only drop what has panicked, and never use it again.
    catch_unwind(AssertUnwindSafe(run)).map_err(Panicked)
}
