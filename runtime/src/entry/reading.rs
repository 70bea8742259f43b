//! Extraction of values from a carrier.

use super::MissingValue;
use super::field::{Extracted, Field};
use super::key::Key;
use super::known_keys;
use super::notes::{EchoedHeader, ExtractionNotes};
use super::policy::{Entry, MAX_BYTES, MakeId};
use super::rejection::{RejectReason, Rejection};
use super::source::{CarrierView, Origin, RawValue};
use super::target::ValueSink;
use crate::propagation::baggage::{self, Baggage};
use crate::propagation::inject::PROPERTIES;
use crate::propagation::traceparent::{
    StateParts, TRACE_ID, TRACEPARENT, TRACEPARENT_KEY, TRACESTATE, TRACESTATE_KEY, TraceParent,
    TraceState,
};
use crate::request_id::REQUEST_ID;
use crate::util::display::text_of;
use crate::var::Variable;
use crate::var::binding::Value;

impl Entry {
    /// Extracts every variable that `target` does not have yet, and the trace if `trace` is set. No variable gets its
    /// value from an untrusted `source`.
    pub(super) fn read(
        &self,
        source: CarrierView<'_>,
        trusted: bool,
        trace: bool,
        make_id: Option<MakeId<'_>>,
        target: &mut impl ValueSink,
    ) -> ExtractionNotes {
        let mut notes = ExtractionNotes::default();
        let source = if trusted {
            source
        } else {
            self.keep_untrusted(source, &mut notes);
            CarrierView::Nothing
        };
        self.read_fields(source, make_id, target, &mut notes);
        if trace && !target.has(TRACEPARENT.index()) {
            if let Some((parent, state)) = read_trace(source) {
                if self.trace_id {
                    target.put(TRACE_ID.bind(parent.clone().into()));
                }
                target.put(TRACEPARENT.bind(parent));
                if let Some(state) = state {
                    target.put(TRACESTATE.bind(state));
                }
            }
        }
        notes
    }

    fn read_fields(
        &self,
        source: CarrierView<'_>,
        mut make_id: Option<MakeId<'_>>,
        target: &mut impl ValueSink,
        notes: &mut ExtractionNotes,
    ) {
        let removed = known_keys::removed_from(source);
        let mut baggage: Option<Option<Baggage>> = None;
        let mut left = MAX_BYTES;
        for field in self.fields() {
            if target.has(field.index) {
                continue;
            }
            let rejected = notes.rejections.len();
            let mut value = None;
            if removed.is_none_or(|removed| field.keys_number < removed) {
                value = field.read_headers(source, notes);
                if value.is_none() && rejected == notes.rejections.len() && field.member.is_some() {
                    let baggage = baggage.get_or_insert_with(|| read_baggage(source, notes));
                    value = field.read_member(baggage.as_ref(), notes);
                }
            }
            match value {
                Some(Extracted { value, bytes }) if bytes <= left => {
                    left -= bytes;
                    match &field.parent {
                        None => {
                            target.put(value);
                            continue;
                        }
                        // The value is used for the parent variable, and this one gets a new value.
                        Some(parent) => {
                            notes.echoed = None;
                            if let Some(value) = parent(&value) {
                                target.put(value);
                            }
                        }
                    }
                }
                Some(_) => notes
                    .reject(field.reject(field.key(), RejectReason::TooMuch { most: MAX_BYTES })),
                None => {}
            }
            if field.required && field.parent.is_none() {
                note_missing(notes, field, rejected);
                continue;
            }
            let make_id = make_id
                .as_mut()
                .filter(|_| field.index == REQUEST_ID.index());
            match (make_id, &field.make) {
                (Some(make_id), _) => {
                    let id = make_id();
                    target.put(field.change_made(REQUEST_ID.bind(id)));
                }
                (None, Some(make)) if self.make => target.put(field.change_made(make())),
                (None, _) => {}
            }
        }
        if let Some(Some(baggage)) = &baggage {
            self.note_properties(baggage, left, target, notes);
        }
    }

    /// Reads the only value of an untrusted carrier that is used: the id for the header that
    /// [`keep_as`](super::Inbound::keep_as) names.
    fn keep_untrusted(&self, source: CarrierView<'_>, notes: &mut ExtractionNotes) {
        if let Some(field) = self.fields().find(|field| field.keep_as.is_some()) {
            let rejections = notes.rejections.len();
            let kept = field.read_headers(source, notes);
            notes.rejections.truncate(rejections);
            notes.echoed = None;
            notes.kept = kept
                .and_then(|kept| field.header_value(&kept.value))
                .map(Box::new);
        }
    }

    /// Keeps the properties that other services have added to the extracted baggage members, so that they are forwarded
    /// with them.
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
            notes.reject(Rejection {
                variable: PROPERTIES.name(),
                key: baggage::KEY.to_owned(),
                reason: RejectReason::TooMuch { most: MAX_BYTES },
            });
        } else if added > 0 {
            target.put(PROPERTIES.bind(kept));
        }
    }
}

impl Field {
    /// Reads the first header that is present.
    ///
    /// The search ends if its value is not valid. Otherwise, a client could invalidate the header that a proxy sets,
    /// and have its own value accepted from another place. For the request id, the next header is tried, since the
    /// worst case is a different id.
    fn read_headers(
        &self,
        source: CarrierView<'_>,
        notes: &mut ExtractionNotes,
    ) -> Option<Extracted> {
        for (index, key) in self.keys.iter().enumerate() {
            match self.read_header(source, key, index == 0, &mut notes.echoed) {
                Some(Ok(extracted)) => return Some(extracted),
                Some(Err(reason)) => {
                    notes.reject(self.reject(key.as_str(), reason));
                    if !self.is_request_id() {
                        return None;
                    }
                }
                None => {}
            }
        }
        None
    }

    /// Reads the baggage member.
    fn read_member(
        &self,
        baggage: Option<&Baggage>,
        notes: &mut ExtractionNotes,
    ) -> Option<Extracted> {
        let key = self.member?;
        let baggage = baggage?;
        let text = baggage.get(key)?;
        let read = match baggage.times(key) {
            1 => self.accept_unchecked_text(text),
            times => Err(RejectReason::Several { times }),
        };
        read.map_err(|reason| notes.reject(self.reject(key, reason)))
            .ok()
    }

    /// Applies the transformation to a generated value. Returns the value unchanged if the result is not valid.
    fn change_made(&self, value: Value) -> Value {
        if self.transform.is_none() {
            return value;
        }
        let text = (self.show)(&value).and_then(text_of);
        let changed = text.and_then(|text| self.accept_or_catch(&text).ok());
        changed.map_or(value, |changed| changed.value)
    }

    fn read_header(
        &self,
        source: CarrierView<'_>,
        key: &Key,
        is_first: bool,
        echoed: &mut Option<EchoedHeader>,
    ) -> Option<Result<Extracted, RejectReason>> {
        let read = source.only(key, |raw| {
            let extracted = self.accept_raw(raw)?;
            if let (Origin::Header(header), None, true) = (raw.origin, &echoed, self.is_verbatim())
            {
                *echoed = Some(EchoedHeader {
                    header: header.clone(),
                    in_request: is_first,
                });
            }
            Ok(extracted)
        });
        read.unwrap_or_else(|times| Some(Err(RejectReason::Several { times })))
    }

    /// Whether the response can reuse the header that the value was read from.
    fn is_verbatim(&self) -> bool {
        self.echo && self.transform.is_none() && self.is_request_id()
    }
}

fn read_baggage(source: CarrierView<'_>, notes: &mut ExtractionNotes) -> Option<Baggage> {
    let baggage = baggage::read(&source)?;
    notes.dropped_members = baggage.dropped();
    Some(baggage)
}

/// Notes that a required variable is missing. The reason is the last rejection after the first `rejected` ones.
#[cold]
fn note_missing(notes: &mut ExtractionNotes, field: &Field, rejected: usize) {
    let why = notes.rejections[rejected..].last();
    notes.missing.get_or_insert_with(|| {
        let key = why.map_or(field.key(), |rejection| &rejection.key);
        MissingValue::new(
            key,
            field.place_of(key),
            why.map(|rejection| &rejection.reason),
        )
    });
}

/// Reads both headers if `traceparent` occurs once and is valid. The standard forbids using `tracestate` without it.
fn read_trace(source: CarrierView<'_>) -> Option<(TraceParent, Option<TraceState>)> {
    static KEY: Key = Key::known(TRACEPARENT_KEY);
    let parse = |raw: RawValue<'_>| TraceParent::from_bytes(raw.bytes.trim_ascii());
    let parent = source.only(&KEY, parse).ok()??.ok()?;
    Some((parent, read_state(source)))
}

/// Reads `tracestate`, which may be split into several headers. They are joined in order.
fn read_state(source: CarrierView<'_>) -> Option<TraceState> {
    static KEY: Key = Key::known(TRACESTATE_KEY);
    let mut parts = StateParts::default();
    source.visit(&KEY, |raw| parts.push(raw.bytes));
    parts.finish()
}
