//! Writes the values of outbound variables into a carrier.

use std::fmt::Display;

use crate::context::snapshot::Context;
use crate::propagation::baggage::{self, Baggage};
use crate::propagation::carrier::CarrierMut;
use crate::propagation::traceparent::{TRACEPARENT_KEY, TRACESTATE_KEY};
use crate::util::diagnostics;
use crate::util::display::text_of;
use crate::var::{ContextVar, Variable};

/// The maximum total size of keys and values per injection. The `baggage` header is not included; it has its own limit.
const MAX_BYTES: usize = 8192;

/// The reason for a value whose `Display` returns an error or panics.
pub(crate) const FAILS: &str = "does not write itself";

/// The inbound `baggage` members of this crate's variables with their properties (`key=value;properties`).
pub(crate) static PROPERTIES: ContextVar<Baggage> = ContextVar::new("baggage properties");

/// Writes the current context's outbound variables into `carrier`; see [`Context::inject`].
///
/// # Example
///
/// ```
/// use std::collections::HashMap;
/// use propagate_context::{ContextVar, inject};
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").header("X-Tenant");
/// static SECRET: ContextVar<String> = ContextVar::new("secret");
///
/// let mut headers = HashMap::new();
/// TENANT.sync_scope("acme".to_owned(), || {
///     SECRET.sync_scope("hush".to_owned(), || inject(&mut headers));
/// });
/// assert_eq!(headers, HashMap::from([("X-Tenant".to_owned(), "acme".to_owned())]));
/// ```
pub fn inject(carrier: &mut impl CarrierMut) {
    Context::of_values().inject(carrier);
}

impl Context {
    /// Writes the values of all variables that are declared with a header or a baggage key into `carrier`.
    ///
    /// A key that `carrier` already has is not changed, so a header that the caller has set is kept. If there is
    /// already a `traceparent`, the context's `tracestate` is not added to it.
    ///
    /// The only exception is `baggage`, which is rewritten if the context has members for it: they are added after the
    /// existing members, whose keys take precedence. Several such headers are merged into one, and malformed members
    /// are dropped.
    ///
    /// Values are dropped as a whole: a value that the carrier cannot hold with a `debug` line, and values that exceed
    /// the size limits with a single `warn` line.
    pub fn inject(&self, carrier: &mut impl CarrierMut) {
        self.inject_dyn(carrier);
    }

    pub(crate) fn inject_dyn(&self, carrier: &mut dyn CarrierMut) {
        let mut traced = false;
        carrier.visit(TRACEPARENT_KEY, &mut |_| traced = true);
        let mut injection = Injection {
            carrier,
            traced,
            left: MAX_BYTES,
            dropped: 0,
            members: None,
        };
        self.visit_outbound(|variable, value| injection.write(self, variable, value));
        injection.finish();
    }
}

/// Returns the properties that came in with `context`.
pub(crate) fn noted(context: &Context) -> Option<&Baggage> {
    ContextVar::typed(context.value(PROPERTIES.index_if_assigned()?)?)
}

struct Injection<'c> {
    carrier: &'c mut dyn CarrierMut,
    /// Whether the caller has set a `traceparent`: the context's `tracestate` would not belong to it.
    traced: bool,
    left: usize,
    dropped: usize,
    /// The `baggage` header under construction, if the context has members for it.
    members: Option<Baggage>,
}

impl Injection<'_> {
    fn write(&mut self, context: &Context, variable: &'static dyn Variable, value: &dyn Display) {
        if let Some(header) = variable.header_name() {
            self.write_header(variable.name(), header, value);
        }
        if let Some(key) = variable.baggage_key() {
            self.write_member(context, variable.name(), key, value);
        }
    }

    fn write_header(&mut self, name: &str, header: &str, value: &dyn Display) {
        let mut taken = false;
        self.carrier.visit(header, &mut |_| taken = true);
        if taken || (self.traced && header == TRACESTATE_KEY) {
            return;
        }
        let Some(text) = text_of(value) else {
            diagnostics::dropped(name, header, &FAILS);
            return;
        };
        let bytes = header.len() + text.len();
        if bytes > self.left {
            self.dropped += 1;
            return;
        }
        if text.is_empty() || text.chars().any(char::is_control) {
            diagnostics::dropped(name, header, &"is empty or holds control characters");
            return;
        }
        match self.carrier.insert(header, &text) {
            Ok(()) => self.left -= bytes,
            Err(error) => diagnostics::dropped(name, header, &error),
        }
    }

    fn write_member(&mut self, context: &Context, name: &str, key: &str, value: &dyn Display) {
        let Some(text) = text_of(value) else {
            diagnostics::dropped(name, key, &FAILS);
            return;
        };
        let carrier = &*self.carrier;
        let members = self
            .members
            .get_or_insert_with(|| baggage::read(carrier).unwrap_or_default());
        let properties = noted(context)
            .and_then(|noted| noted.member(key))
            // Properties belong to the value that came in: a value that has been set since has none.
            .filter(|member| member.value() == text)
            .map_or("", baggage::Member::properties);
        members.add(key, &text, properties);
    }

    fn finish(self) {
        if let Some(members) = self.members {
            if members.dropped() > 0 {
                diagnostics::warning(&baggage::Dropped(members.dropped()));
            }
            if !members.is_empty() {
                if let Err(error) = self.carrier.insert(baggage::KEY, &members.to_string()) {
                    diagnostics::dropped(baggage::KEY, baggage::KEY, &error);
                }
            }
        }
        if self.dropped > 0 {
            diagnostics::warning(&format_args!(
                "left {} values of the context out of an outgoing message: more than {MAX_BYTES} bytes in all",
                self.dropped
            ));
        }
    }
}
