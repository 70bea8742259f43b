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
}

fn write(field: &Field, headers: &mut HeaderMap) {
    let Some(name) = field.header_name() else {
        return;
    };
    let Slot::Vacant(slot) = headers.entry(name) else {
        return;
    };
    // Out of the slot first: what writes the value is code of a user.
    let Some(value) = current::inspect(|scope| scope?.table.get(field.variable.number()).cloned())
    else {
        return;
    };
    let Some(text) = field.written(&value) else {
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
