//! `Shown`: a value prepared for a log line.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use super::value_kind::ValueKind;

/// A value prepared for a log line.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(any(feature = "log", feature = "tracing")),
    expect(dead_code, reason = "`visit_logged` passes on only the value")
)]
pub(crate) struct Shown<'a> {
    pub(crate) value: &'a dyn Display,
    pub(crate) kind: ValueKind,
    /// The text that `value` writes, if it is known without running user code.
    pub(crate) text: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// Creates a value of which only the `Display` is known.
    pub(crate) fn display(value: &'a dyn Display) -> Self {
        Self {
            value,
            kind: ValueKind::Text,
            text: None,
        }
    }

    /// Determines the kind and the text of `typed`, whose `Display` is `value`.
    #[inline]
    pub(crate) fn of<T: 'static>(value: &'a dyn Display, typed: &'a T) -> Self {
        Self {
            value,
            kind: ValueKind::of(typed),
            text: text_of(typed),
        }
    }
}

/// Returns the value as text, if it is of a text type. The type is known at compile time, so the comparisons are
/// optimized out.
#[inline]
fn text_of<T: 'static>(value: &T) -> Option<&str> {
    let value: &dyn Any = value;
    macro_rules! first_of {
        ($($text:ty)*) => { None$(.or_else(|| value.downcast_ref::<$text>().map(|text| &**text)))* };
    }
    first_of!(String &'static str Arc<str> Box<str> Cow<'static, str>)
}
