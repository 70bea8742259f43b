//! The rendered values of a line with their types, for other sinks.

use std::fmt;

use super::{Buffers, LineOptions, Syntax};
use crate::logging::fields::render::Style;
use crate::var::value_kind::ValueKind;

/// A value as shown on a log line, with its type; see [`visit_logged_values`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LoggedValue<'a> {
    /// A string, as formatted by the `Display` of the value.
    Str(&'a str),
    /// A negative integer.
    Int(i64),
    /// A non-negative integer.
    Uint(u64),
    /// A number that is not an integer, or that is too large for the other variants.
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
        // Text, or a placeholder such as `<panicked>` instead of a number.
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

/// Calls `f` with the name and the value of everything that is added to a log line of the current scope. Use it for
/// other sinks, such as the attributes of a log record or the tags of an error report.
///
/// It is like [`visit_logged`](crate::visit_logged()), but applies the rules of log lines: names are unique, values are
/// rendered, bounded and escaped, and a `Display` that panics or fails does no harm. Only numbers that are too large
/// for the types of [`LoggedValue`] lose precision.
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
