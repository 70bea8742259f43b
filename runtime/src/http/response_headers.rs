//! What is written into the headers of a request and of its response.

use http::header::ACCESS_CONTROL_EXPOSE_HEADERS;
use http::{Extensions, HeaderName, HeaderValue};

use super::header_map::Headers;
use crate::context::access::value_of;
use crate::entry::{EchoedHeader, Entry, Field, OpenedScope};
use crate::request_id::REQUEST_ID;
use crate::util::diagnostics;
use crate::var::binding::Value;

impl Entry {
    /// Writes the values of the current scope into the headers of its response, where these are absent.
    ///
    /// `echoed` is a header that says one of them already.
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

    /// Writes the values of the current scope into the headers of its request, for inner code that reads them there: in
    /// place of what is there.
    ///
    /// A header that is made for it is left in `echoed`, for the response.
    pub(crate) fn write_request(
        &self,
        headers: &mut impl Headers,
        echoed: &mut Option<EchoedHeader>,
    ) {
        for field in self.fields().filter(|field| field.write_request) {
            let Some(name) = field.header_name() else {
                continue;
            };
            let value = current_value(field);
            let in_request = value.as_ref().is_some_and(|value| {
                echoed
                    .as_ref()
                    .is_some_and(|echoed| echoed.is_in_request(value))
            });
            if in_request {
                continue;
            }
            let header = value
                .as_ref()
                .and_then(|value| header_of(field, name, value, echoed.as_ref()));
            // Whatever else could be taken for the value.
            for key in field.keys.iter().skip(1).filter_map(|key| key.name()) {
                if headers.contains(key) {
                    headers.clear(key);
                    headers.fill(key, || header.clone());
                }
            }
            headers.clear(name);
            let (Some(value), Some(header)) = (value, header) else {
                continue;
            };
            if field.echo && echoed.is_none() {
                *echoed = Some(EchoedHeader::new(value, header.clone(), true));
            }
            headers.fill(name, || Some(header));
        }
    }
}

impl OpenedScope {
    /// Writes into the headers of the request what inner code is to find there, in the scope of the request.
    pub(crate) fn prepare(&mut self, entry: &Entry, headers: &mut impl Headers) {
        if !self.trusted {
            entry.remove_untrusted(headers, self.kept.take());
        }
        entry.write_request(headers, &mut self.echoed);
    }

    /// The same for the extensions of the request: what inner entries recognize it by, and the id for extractors.
    pub(super) fn prepare_extensions(&self, extensions: &mut Extensions) {
        if let Some(tag) = self.tag {
            extensions.insert(tag);
            if let Some(id) = REQUEST_ID.get() {
                extensions.insert(id);
            }
        }
    }
}

/// Whether `name` is in `Access-Control-Expose-Headers` already. Without credentials `*` would do, but whether there are
/// some is not known here.
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

/// The value of `field` in the current scope. Taken out of the slot, since what formats it is code of a user.
fn current_value(field: &Field) -> Option<Value> {
    value_of(field.variable.index())
}

fn header_of_current(
    field: &Field,
    name: &HeaderName,
    echoed: Option<&EchoedHeader>,
) -> Option<HeaderValue> {
    header_of(field, name, &current_value(field)?, echoed)
}

fn header_of(
    field: &Field,
    name: &HeaderName,
    value: &Value,
    echoed: Option<&EchoedHeader>,
) -> Option<HeaderValue> {
    if let Some(header) = echoed.and_then(|echoed| echoed.header_of(value)) {
        return Some(header);
    }
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
