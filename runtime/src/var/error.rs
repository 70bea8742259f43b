//! `NoScope`: the error for a write outside of every scope.

use std::error::Error;
use std::fmt;

/// The error for setting a variable outside of every scope, where there is nothing that the value could belong to.
///
/// Returned by [`ContextVar::try_set`](crate::ContextVar::try_set).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoScope {
    variable: &'static str,
}

impl NoScope {
    pub(crate) const fn new(variable: &'static str) -> Self {
        Self { variable }
    }
}

impl fmt::Display for NoScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` was set outside every scope; open one around this with `Context::scope`, `ContextVar::scope`, \
             `#[propagate_context]` or `#[context_entry]`",
            self.variable
        )
    }
}

impl Error for NoScope {}
