//! The headers of a response that tell what the request got.

use http::header::Entry as Slot;
use http::{HeaderMap, HeaderValue};

use crate::current;
use crate::entry::{Entry, Field};
use crate::report;

impl Entry {
    /// Writes the values of the scope that runs into the headers of its response, where these are absent.
    pub(crate) fn answer(&self, headers: &mut HeaderMap) {
        for field in self.fields().filter(|field| field.echo) {
            write(field, headers);
        }
    }

    /// Writes the values into the headers of the request, for code further in that reads them there.
    #[cfg(feature = "tower")]
    pub(crate) fn write_request(&self, headers: &mut HeaderMap) {
        for field in self.fields().filter(|field| field.write_request) {
            if let Some(name) = field.header_name() {
                headers.remove(name);
            }
            write(field, headers);
        }
    }

    /// What the response tells, for a framework with a header map of its own.
    #[cfg(feature = "actix-web")]
    pub(crate) fn answers(&self) -> impl Iterator<Item = (String, String)> {
        self.fields()
            .filter(|field| field.echo)
            .filter_map(value_of)
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
fn value_of(field: &Field) -> Option<(String, String)> {
    let name = field.header_name()?.to_string();
    Some((name, current_text(field)?))
}

/// The value in the scope that runs.
fn current_text(field: &Field) -> Option<String> {
    // Out of the slot first: what writes the value is code of a user.
    let value = current::inspect(|scope| scope?.table.get(field.variable.number()).cloned())?;
    field.written(&value)
}

fn write(field: &Field, headers: &mut HeaderMap) {
    let Some(name) = field.header_name() else {
        return;
    };
    let Slot::Vacant(slot) = headers.entry(name) else {
        return;
    };
    let Some(text) = current_text(field) else {
        return;
    };
    match HeaderValue::try_from(text) {
        Ok(value) => {
            slot.insert(value);
        }
        Err(_) => report::left_out(
            field.variable.name(),
            name.as_str(),
            &"is no value of a header",
        ),
    }
}
