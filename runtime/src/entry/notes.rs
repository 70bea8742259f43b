//! `ExtractionNotes`: what an extraction found out beside the values themselves.

use http::HeaderValue;

use super::missing::MissingValue;
use super::rejection::Rejection;
use crate::propagation::baggage;
use crate::util::diagnostics;
use crate::var::binding::Value;

#[derive(Default)]
pub(super) struct ExtractionNotes {
    pub(super) rejections: Vec<Rejection>,
    /// How many members of `baggage` could not be read.
    pub(super) dropped_members: usize,
    pub(super) missing: Option<MissingValue>,
    /// The first value that was read from a header and is echoed in the response.
    pub(super) echoed: Option<EchoedHeader>,
    /// A valid value that was not used as such, for the header that [`Inbound::keep_as`](super::Inbound::keep_as)
    /// names.
    pub(super) kept: Option<HeaderValue>,
}

impl ExtractionNotes {
    pub(super) fn reject(&mut self, rejection: Rejection) {
        self.rejections.push(rejection);
    }

    pub(super) fn has_lines(&self) -> bool {
        self.dropped_members > 0 || !self.rejections.is_empty()
    }

    /// Writes the lines about what was not accepted.
    pub(super) fn report(&self) {
        if self.dropped_members > 0 {
            diagnostics::warning(&baggage::Dropped(self.dropped_members));
        }
        self.rejections.iter().for_each(Rejection::report);
    }
}

/// A value, and a header that says exactly the same: the response shares the header instead of formatting the value
/// again.
pub(crate) struct EchoedHeader {
    value: Value,
    header: HeaderValue,
    /// Whether the request has it under the first of the variable's header names already.
    in_request: bool,
}

impl EchoedHeader {
    pub(crate) fn new(value: Value, header: HeaderValue, in_request: bool) -> Self {
        Self {
            value,
            header,
            in_request,
        }
    }

    /// The header, if it still says the value.
    pub(crate) fn header_of(&self, value: &Value) -> Option<HeaderValue> {
        self.is_of(value).then(|| self.header.clone())
    }

    /// Whether the request has the value where code behind the layer looks for it.
    pub(crate) fn is_in_request(&self, value: &Value) -> bool {
        self.in_request && self.is_of(value)
    }

    fn is_of(&self, value: &Value) -> bool {
        std::sync::Arc::ptr_eq(&self.value, value)
    }
}
