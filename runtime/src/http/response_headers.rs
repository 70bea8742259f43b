//! Writes the values of the current scope into the headers of a request and of its response.

use http::header::ACCESS_CONTROL_EXPOSE_HEADERS;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};

use super::header_map::Headers;
use crate::context::access::inspect_value;
use crate::context::guard::Guard;
use crate::entry::{EchoedHeader, Entry, Field, OpenedScope};
use crate::request_id::{REQUEST_ID, RequestId};
use crate::util::diagnostics;
use crate::var::binding::Value;
use crate::var::{ContextVar, Variable as _};

impl Entry {
    /// Writes the values of the current scope into the headers of its response. A header that is already present
    /// is kept.
    ///
    /// `echoed` is a formatted header of the request id, which is reused if the id has not changed.
    pub(crate) fn write_response(&self, headers: &mut impl Headers, echoed: Option<&EchoedHeader>) {
        for field in self.fields().filter(|field| field.echo) {
            let Some(name) = field.header_name() else {
                continue;
            };
            headers.fill(name, || header_of_current(field, name, echoed));
            if field.expose && !is_exposed(headers, name) {
                if let Ok(name) = HeaderValue::from_str(name.as_str()) {
                    headers.append_value(&ACCESS_CONTROL_EXPOSE_HEADERS, name);
                }
            }
        }
    }

    /// Writes the values of the current scope into the headers of its request, for inner code that reads them there.
    /// Headers that are present are replaced.
    ///
    /// If the request id is to be echoed, its formatted header is stored in `echoed` for the response.
    pub(crate) fn write_request(
        &self,
        headers: &mut impl Headers,
        echoed: &mut Option<EchoedHeader>,
    ) {
        for field in self.fields().filter(|field| field.write_request) {
            let Some(name) = field.header_name() else {
                continue;
            };
            let has_it = |echoed: &EchoedHeader| echoed.in_request && is_of_current(echoed, field);
            if echoed.as_ref().is_some_and(has_it) {
                continue;
            }
            let header = header_of_current(field, name, echoed.as_ref());
            // Inner code may look for the value in the other headers as well, so they must not differ.
            for key in field.keys.iter().skip(1).filter_map(|key| key.name()) {
                if headers.contains(key) {
                    headers.clear(key);
                    headers.fill(key, || header.clone());
                }
            }
            let Some(header) = header else {
                headers.clear(name);
                continue;
            };
            if field.echo && echoed.is_none() && field.is_request_id() {
                *echoed = Some(EchoedHeader {
                    header: header.clone(),
                    in_request: true,
                });
            }
            headers.put(name, header);
        }
    }
}

impl OpenedScope {
    /// Prepares the headers of the request for inner code. Must be called in the scope of the request.
    pub(crate) fn prepare(&mut self, entry: &Entry, headers: &mut impl Headers) {
        if !self.trusted {
            entry.remove_untrusted(headers, self.kept.take().map(|kept| *kept));
        }
        entry.write_request(headers, &mut self.echoed);
    }

    /// Prepares the headers and the extensions of the request for inner code.
    pub(super) fn prepare_head(
        &mut self,
        entry: &Entry,
        headers: &mut HeaderMap,
        extensions: &mut Extensions,
    ) {
        let _guard = self.scope.clone().map(Guard::new);
        self.prepare(entry, headers);
        self.prepare_extensions(extensions);
    }

    /// Adds to the extensions the tag by which inner entries recognize the request, and the id for extractors. Must be
    /// called in the scope of the request.
    pub(super) fn prepare_extensions(&self, extensions: &mut Extensions) {
        if let Some(tag) = self.tag {
            extensions.insert(tag);
            if let Some(id) = current_id() {
                extensions.insert(id);
            }
        }
    }
}

/// Returns whether `name` is in `Access-Control-Expose-Headers` already. `*` does not count, because it only applies to
/// requests without credentials, and whether the request has credentials is not known here.
fn is_exposed(headers: &impl Headers, name: &HeaderName) -> bool {
    let mut exposed = false;
    headers.visit_values(&ACCESS_CONTROL_EXPOSE_HEADERS, &mut |list| {
        exposed |= list.split(|byte| *byte == b',').any(|item| {
            item.trim_ascii()
                .eq_ignore_ascii_case(name.as_str().as_bytes())
        });
    });
    exposed
}

/// Returns the id of the current scope.
pub(super) fn current_id() -> Option<RequestId> {
    let id_of = |value: &Value| ContextVar::<RequestId>::typed(value).cloned();
    inspect_value(REQUEST_ID.index(), id_of).flatten()
}

/// Returns the value of `field` in the current scope. It is cloned out of the slot, because user code formats it.
fn current_value(field: &Field) -> Option<Value> {
    inspect_value(field.index, Value::clone)
}

/// Returns whether `field` is the request id, and `echoed` is the header of its current value.
fn is_of_current(echoed: &EchoedHeader, field: &Field) -> bool {
    field.is_request_id() && inspect_value(field.index, |id| echoed.is_of(id)).unwrap_or(false)
}

fn header_of_current(
    field: &Field,
    name: &HeaderName,
    echoed: Option<&EchoedHeader>,
) -> Option<HeaderValue> {
    match echoed {
        Some(echoed) if is_of_current(echoed, field) => Some(echoed.header.clone()),
        _ => header_of(field, name, &current_value(field)?),
    }
}

fn header_of(field: &Field, name: &HeaderName, value: &Value) -> Option<HeaderValue> {
    let header = field.header_value(value);
    if header.is_none() {
        diagnostics::dropped(
            field.variable.name(),
            name.as_str(),
            &"is not a valid header value",
        );
    }
    header
}
