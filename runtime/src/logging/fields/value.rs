//! The values of a line for sinks of others: rendered once, and typed.

use std::fmt;

use super::{Buffers, LineOptions, Syntax};
use crate::logging::fields::render::Style;
use crate::var::value_kind::ValueKind;

/// A value as it is on a log line, for sinks that have types; see [`visit_logged_values`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LoggedValue<'a> {
    /// What the `Display` of the value writes.
    Str(&'a str),
    /// A negative integer.
    Int(i64),
    /// An integer.
    Uint(u64),
    /// A number that is not a whole one, or one that is too large for the others.
    Float(f64),
    /// A boolean.
    Bool(bool),
}

impl<'a> LoggedValue<'a> {
    pub(crate) fn of(text: &'a str, kind: ValueKind) -> Self {
        let number = || {
            let whole = text.parse().map(Self::Uint).ok();
            let whole = whole.or_else(|| text.parse().map(Self::Int).ok());
            whole.or_else(|| text.parse().map(Self::Float).ok())
        };
        let typed = match kind {
            ValueKind::Text => None,
            ValueKind::Boolean => text.parse().map(Self::Bool).ok(),
            ValueKind::Number => number(),
        };
        // Else it is a mark in the place of a value.
        typed.unwrap_or(Self::Str(text))
    }
}

impl fmt::Display for LoggedValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Str(text) => f.write_str(text),
            Self::Int(value) => fmt::Display::fmt(value, f),
            Self::Uint(value) => fmt::Display::fmt(value, f),
            Self::Float(value) => fmt::Display::fmt(value, f),
            Self::Bool(value) => fmt::Display::fmt(value, f),
        }
    }
}

/// Calls `f` with the name and the value of all that is on a log line of the current scope by itself: for sinks of
/// others, such as the attributes of a log record or the tags of an error report.
///
/// As [`visit_logged`](crate::visit_logged()), but under the rules of log lines: each name once, each value rendered,
/// bounded and escaped, and safe from what a `Display` does. Only numbers that are too large for the types of
/// [`LoggedValue`] lose precision.
///
/// ```
/// use propagate_context::{ContextVar, LoggedValue, visit_logged_values};
///
/// static USER: ContextVar<u64> = ContextVar::new("user").logged();
///
/// USER.sync_scope(42, || {
///     visit_logged_values(|name, value| {
///         assert_eq!((name, value), ("user", LoggedValue::Uint(42)));
///     });
/// });
/// ```
pub fn visit_logged_values(mut f: impl FnMut(&str, LoggedValue<'_>)) {
    Buffers::with(|buffers| {
        buffers.render(Syntax::Pair, &LineOptions::default(), Style::PLAIN);
        for (name, value) in buffers.names.iter().zip(&buffers.values) {
            f(
                name,
                LoggedValue::of(value.text(&buffers.fields), value.kind),
            );
        }
    });
}
