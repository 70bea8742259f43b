//! The headers of a response that tell what the request got.

use http::header::Entry as Slot;
use http::{HeaderMap, HeaderValue};

use crate::current;
use crate::entry::{Brought, Entry, Field};
use crate::report;
use crate::table::Value;
use crate::text::text_of;

impl Entry {
    /// Writes the values of the scope that runs into the headers of its response, where these are absent.
    ///
    /// `brought` is the header that the first of them came in, where it is at hand.
    pub(crate) fn answer(&self, headers: &mut HeaderMap, brought: Option<&Brought>) {
        for field in self.fields().filter(|field| field.echo) {
            write(field, headers, brought);
        }
    }

    /// Writes the values into the headers of the request, for code further in that reads them there.
    #[cfg(feature = "tower")]
    pub(crate) fn write_request(&self, headers: &mut HeaderMap) {
        for field in self.fields().filter(|field| field.write_request) {
            if let Some(name) = field.header_name() {
                headers.remove(name);
            }
            write(field, headers, None);
        }
    }

    /// What the response tells, for a framework with a header map of its own.
    #[cfg(feature = "actix-web")]
    pub(crate) fn answers(&self) -> impl Iterator<Item = (String, String)> {
        self.fields()
            .filter(|field| field.echo)
            .filter_map(|field| Some((field.header_name()?.to_string(), current_text(field)?)))
    }

    /// What the request is told, and what it is not to tell, for a framework with a header map of its own.
    #[cfg(feature = "actix-web")]
    pub(crate) fn request_values(&self) -> impl Iterator<Item = (String, Option<String>)> {
        self.fields()
            .filter(|field| field.write_request)
            .filter_map(|field| Some((field.header_name()?.to_string(), current_text(field))))
    }
}

#[cfg(feature = "actix-web")]
fn current_text(field: &Field) -> Option<String> {
    field.shown(&current_value(field)?).and_then(text_of)
}

/// The value in the scope that runs: out of the slot, since what writes it is code of a user.
fn current_value(field: &Field) -> Option<Value> {
    let number = field.variable.number();
    current::inspect(|scope| scope?.table.get(number).cloned())
}

fn write(field: &Field, headers: &mut HeaderMap, brought: Option<&Brought>) {
    let Some(name) = field.header_name() else {
        return;
    };
    let Slot::Vacant(slot) = headers.entry(name) else {
        return;
    };
    let Some(value) = current_value(field) else {
        return;
    };
    if let Some(header) = brought.and_then(|brought| brought.header_of(&value)) {
        slot.insert(header);
        return;
    }
    let text = field.shown(&value).and_then(text_of);
    match text.map(HeaderValue::try_from) {
        Some(Ok(header)) => {
            slot.insert(header);
        }
        _ => report::left_out(
            field.variable.name(),
            name.as_str(),
            &"is no value of a header",
        ),
    }
}
