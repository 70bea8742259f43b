//! What an entry takes out of a source.

use super::brought::EchoedHeader;
use super::field::{Field, Made, Taken};
use super::rejection::{RejectReason, Rejection};
use super::source::CarrierView;
use super::target::ValueSink;
use super::{Entry, MAX_BYTES, MakeId, MissingValue};
use crate::propagation::baggage::{self, Baggage};
use crate::propagation::inject::PROPERTIES;
use crate::propagation::traceparent::{self, TRACEPARENT, TRACESTATE};
use crate::request_id::REQUEST_ID;
use crate::util::diagnostics;
use crate::var::Variable;

/// What is to be said about the values, beside the values themselves.
#[derive(Default)]
pub(super) struct ExtractionNotes {
    refusals: Vec<Rejection>,
    /// How many members of `baggage` could not be read.
    dropped: usize,
    pub(super) missing: Option<MissingValue>,
    /// The first value that came in a header and is answered with.
    pub(super) brought: Option<EchoedHeader>,
}

impl Entry {
    /// Gives `target` the value of every variable that it does not have already.
    pub(super) fn read(
        &self,
        source: CarrierView<'_>,
        mut make_id: Option<MakeId<'_>>,
        target: &mut impl ValueSink,
    ) -> ExtractionNotes {
        let mut notes = ExtractionNotes::default();
        let baggage = self.read_baggage(source, &mut notes);
        let mut left = MAX_BYTES;
        for field in self.fields() {
            if target.has(field.variable.index()) {
                continue;
            }
            let refused = notes.refusals.len();
            match field.read(source, baggage.as_ref(), &mut notes) {
                Some(Taken { value, bytes }) if bytes <= left => {
                    left -= bytes;
                    target.put(value);
                    continue;
                }
                Some(_) => notes.refuse(field.refuse(field.key(), RejectReason::too_much())),
                None => {}
            }
            if field.required {
                notes.miss(field, refused);
                continue;
            }
            let make_id = make_id
                .as_mut()
                .filter(|_| field.variable.index() == REQUEST_ID.index());
            match (make_id, &field.made) {
                (Some(make_id), _) => target.put(REQUEST_ID.bind(make_id())),
                (None, Made::By(make)) if self.make => target.put(make()),
                (None, _) => {}
            }
        }
        if let Some(baggage) = &baggage {
            self.note_properties(baggage, left, target, &mut notes);
        }
        if self.trace && !target.has(TRACEPARENT.index()) {
            if let Some((parent, state)) = traceparent::read(source) {
                target.put(TRACEPARENT.bind(parent));
                if let Some(state) = state {
                    target.put(TRACESTATE.bind(state));
                }
            }
        }
        notes
    }

    /// The `baggage` of `source`, where a variable travels in it.
    fn read_baggage(
        &self,
        source: CarrierView<'_>,
        notes: &mut ExtractionNotes,
    ) -> Option<Baggage> {
        if self.fields().all(|field| field.member.is_none()) {
            return None;
        }
        let baggage = baggage::read(&source)?;
        notes.dropped = baggage.dropped();
        Some(baggage)
    }

    /// Keeps what others have noted beside our members, so that it goes on with them.
    fn note_properties(
        &self,
        baggage: &Baggage,
        left: usize,
        target: &mut impl ValueSink,
        notes: &mut ExtractionNotes,
    ) {
        let mut kept = target.noted();
        let before = kept.bytes();
        for member in self
            .fields()
            .filter_map(|field| baggage.member(field.member?))
        {
            if !member.properties().is_empty() {
                kept.add(member.key(), member.value(), member.properties());
            }
        }
        let added = kept.bytes() - before;
        if added > left {
            notes.refuse(Rejection {
                variable: PROPERTIES.name(),
                key: baggage::KEY.to_owned(),
                reason: RejectReason::too_much(),
            });
        } else if added > 0 {
            target.put(PROPERTIES.bind(kept));
        }
    }
}

impl ExtractionNotes {
    pub(super) fn refuse(&mut self, refusal: Rejection) {
        self.refusals.push(refusal);
    }

    pub(super) fn has_lines(&self) -> bool {
        self.dropped > 0 || !self.refusals.is_empty()
    }

    /// Writes the lines about what was not taken.
    pub(super) fn report(&self) {
        if self.dropped > 0 {
            diagnostics::warning(&baggage::Dropped(self.dropped));
        }
        self.refusals.iter().for_each(Rejection::report);
    }

    /// Notes that a required variable is missing, for the last reason that was found since the first `refused`.
    #[cold]
    fn miss(&mut self, field: &Field, refused: usize) {
        let why = self.refusals[refused..].last();
        self.missing.get_or_insert_with(|| {
            let key = why.map_or(field.key(), |refusal| &refusal.key);
            MissingValue::new(key, field.place_of(key), why.map(|refusal| &refusal.reason))
        });
    }
}
