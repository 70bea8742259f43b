//! `EchoedHeader`: the header that a value came in, for the response that tells the same value.

use super::field::Field;
use super::source::HeaderValue;
use crate::var::binding::Value;

/// A value and the header that it was read from, letter by letter: the response shares the header, and need not write
/// the value anew.
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only HTTP answers"))]
pub(crate) struct EchoedHeader {
    value: Value,
    header: HeaderValue,
}

impl EchoedHeader {
    /// `None` where the response has no use for it.
    pub(super) fn of(field: &Field, value: &Value, header: &HeaderValue) -> Option<Self> {
        (field.echo && field.is_verbatim()).then(|| Self {
            value: value.clone(),
            header: header.clone(),
        })
    }

    /// The header, if it still tells the value.
    #[cfg(feature = "http")]
    pub(crate) fn header_of(&self, value: &Value) -> Option<HeaderValue> {
        std::sync::Arc::ptr_eq(&self.value, value).then(|| self.header.clone())
    }
}
