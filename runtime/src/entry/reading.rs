//! What an entry takes out of a source.

use super::brought::Brought;
use super::field::{Field, Made};
use super::refusal::{Reason, Refusal};
use super::source::Source;
use super::{Entry, MAX_BYTES, MakeId, Missing};
use crate::baggage::{self, Baggage};
use crate::outbound::PROPERTIES;
use crate::report;
use crate::request_id::REQUEST_ID;
use crate::table::Value;
use crate::traceparent::{self, TRACEPARENT, TRACESTATE};
use crate::var::Variable;

/// What is to be said about the values, beside the values themselves.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) refusals: Vec<Refusal>,
    pub(super) missing: Option<Missing>,
    /// The first value that came in a header and is answered with.
    pub(super) brought: Option<Brought>,
}

impl Entry {
    /// Gives `put` the value of every variable that is not set already.
    pub(super) fn read(
        &self,
        source: Source<'_>,
        mut make_id: Option<MakeId<'_>>,
        is_set: impl Fn(u32) -> bool,
        mut put: impl FnMut(Value),
    ) -> Notes {
        let mut notes = Notes::default();
        let baggage = self.read_baggage(source, &mut put);
        let mut left = MAX_BYTES;
        for field in self.fields() {
            if is_set(field.variable.number()) {
                continue;
            }
            let refused = notes.refusals.len();
            match field.read(source, baggage.as_ref(), &mut notes) {
                Some((value, bytes)) if bytes <= left => {
                    left -= bytes;
                    put(value);
                    continue;
                }
                Some(_) => notes
                    .refusals
                    .push(field.refuse(field.key(), Reason::TooMuch { most: MAX_BYTES })),
                None => {}
            }
            if field.required {
                notes.miss(field, refused);
                continue;
            }
            let make_id = make_id
                .as_mut()
                .filter(|_| field.variable.number() == REQUEST_ID.number());
            match (make_id, &field.made) {
                (Some(make_id), _) => put(REQUEST_ID.bind(make_id())),
                (None, Made::By(make)) if self.make => put(make()),
                (None, _) => {}
            }
        }
        if self.trace && !is_set(TRACEPARENT.number()) {
            if let Some((parent, state)) = traceparent::read(source) {
                put(TRACEPARENT.bind(parent));
                if let Some(state) = state {
                    put(TRACESTATE.bind(state));
                }
            }
        }
        notes
    }

    /// The `baggage` of `source`, where a variable travels in it.
    fn read_baggage(&self, source: Source<'_>, put: &mut dyn FnMut(Value)) -> Option<Baggage> {
        if self.fields().all(|field| field.member.is_none()) {
            return None;
        }
        let baggage = baggage::read(&source)?;
        if baggage.dropped() > 0 {
            report::warning(&baggage::Dropped(baggage.dropped()));
        }
        // What others have noted beside our members goes on with them.
        let mut noted = Baggage::new();
        for member in self
            .fields()
            .filter_map(|field| baggage.member(field.member?))
        {
            if !member.properties().is_empty() {
                noted.add(member.key(), member.value(), member.properties());
            }
        }
        if !noted.is_empty() {
            put(PROPERTIES.bind(noted));
        }
        Some(baggage)
    }
}

impl Notes {
    /// Notes that a required variable is missing, for the last reason that was found since the first `refused`.
    #[cold]
    fn miss(&mut self, field: &Field, refused: usize) {
        let reason = self.refusals[refused..]
            .last()
            .map(|refusal| refusal.reason.to_string());
        self.missing
            .get_or_insert_with(|| Missing::new(field.key(), reason));
    }
}
