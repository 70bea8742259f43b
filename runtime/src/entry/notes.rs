//! `ExtractionNotes`: the results of an extraction other than the values themselves.

use http::HeaderValue;

use super::missing::MissingValue;
use super::rejection::Rejection;
use crate::propagation::baggage;
use crate::request_id::RequestId;
use crate::util::diagnostics;
use crate::var::ContextVar;
use crate::var::binding::Value;

#[derive(Default)]
pub(super) struct ExtractionNotes {
    pub(super) rejections: Vec<Rejection>,
    /// The number of baggage members that could not be read.
    pub(super) dropped_members: usize,
    pub(super) missing: Option<MissingValue>,
    /// The header that the request id was read from, if the response echoes it.
    pub(super) echoed: Option<EchoedHeader>,
    /// The valid id of an untrusted request, for the header that [`Inbound::keep_as`](super::Inbound::keep_as) names.
    pub(super) kept: Option<Box<HeaderValue>>,
}

impl ExtractionNotes {
    pub(super) fn reject(&mut self, rejection: Rejection) {
        self.rejections.push(rejection);
    }

    pub(super) fn has_lines(&self) -> bool {
        self.dropped_members > 0 || !self.rejections.is_empty()
    }

    /// Logs the values that were not accepted.
    pub(super) fn report(&self) {
        if self.dropped_members > 0 {
            diagnostics::warning(&baggage::Dropped(self.dropped_members));
        }
        self.rejections.iter().for_each(Rejection::report);
    }
}

/// A header whose value is the request id. The response shares the header value, so that the id is not copied again.
pub(crate) struct EchoedHeader {
    pub(crate) header: HeaderValue,
    /// Whether the request has it in the first of the id's headers.
    pub(crate) in_request: bool,
}

impl EchoedHeader {
    /// Whether the header still has the text of `value`, which may have changed since.
    pub(crate) fn is_of(&self, value: &Value) -> bool {
        ContextVar::<RequestId>::typed(value)
            .is_some_and(|id| id.as_str().as_bytes() == self.header.as_bytes())
    }
}
