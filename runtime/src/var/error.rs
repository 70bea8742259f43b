//! What can go wrong: a write outside every scope, a value from outside that does not parse.

use std::error::Error;
use std::fmt;

/// A variable was set where no scope runs, so there is nothing that the value could belong to.
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

/// A text from outside is no value of the variable it was meant for. It says which, never what the text was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseError {
    variable: &'static str,
    bytes: usize,
}

impl ParseError {
    pub(crate) const fn new(variable: &'static str, bytes: usize) -> Self {
        Self { variable, bytes }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a text of {} bytes is no value of `{}`",
            self.bytes, self.variable
        )
    }
}

impl Error for ParseError {}
