//! `Shown`: a value as a log line gets it.

use std::any::Any;
use std::borrow::Cow;
use std::fmt::Display;
use std::sync::Arc;

use super::value_kind::ValueKind;

/// A value as a log line gets it.
#[derive(Clone, Copy)]
#[cfg_attr(
    not(any(feature = "log", feature = "tracing")),
    expect(dead_code, reason = "`visit_logged` hands on the value alone")
)]
pub(crate) struct Shown<'a> {
    pub(crate) value: &'a dyn Display,
    pub(crate) kind: ValueKind,
    /// What `value` writes, where that is known without running code of a user.
    pub(crate) text: Option<&'a str>,
}

impl<'a> Shown<'a> {
    /// A value of which nothing is known.
    pub(crate) fn display(value: &'a dyn Display) -> Self {
        Self {
            value,
            kind: ValueKind::Text,
            text: None,
        }
    }

    /// What is known of `typed`, whose `Display` is `value`.
    #[inline]
    pub(crate) fn of<T: 'static>(value: &'a dyn Display, typed: &'a T) -> Self {
        Self {
            value,
            kind: ValueKind::of(typed),
            text: text_of(typed),
        }
    }
}

/// The text that a value is. Its type is known at compile time, so that nothing is left of the comparisons.
#[inline]
fn text_of<T: 'static>(value: &T) -> Option<&str> {
    let value: &dyn Any = value;
    macro_rules! first_of {
        ($($text:ty)*) => { None$(.or_else(|| value.downcast_ref::<$text>().map(|text| &**text)))* };
    }
    first_of!(String &'static str Arc<str> Box<str> Cow<'static, str>)
}
