//! The headers of a response that tell what the request got.

use http::header::Entry as Slot;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::context::access::value_of;
use crate::entry::{EchoedHeader, Entry, Field};
use crate::util::diagnostics;
use crate::util::display::text_of;

/// A map of headers to write to, of whatever version of the `http` crate.
pub(crate) trait Headers {
    /// Puts in what `make` makes, where nothing stands under `name`.
    fn fill(&mut self, name: &HeaderName, make: impl FnOnce() -> Option<HeaderValue>);

    /// Takes out what stands under `name`.
    #[cfg(any(feature = "actix-web", feature = "tower"))]
    fn clear(&mut self, name: &HeaderName);
}

impl Headers for HeaderMap {
    #[inline]
    fn fill(&mut self, name: &HeaderName, make: impl FnOnce() -> Option<HeaderValue>) {
        if let Slot::Vacant(slot) = self.entry(name) {
            if let Some(value) = make() {
                slot.insert(value);
            }
        }
    }

    #[cfg(any(feature = "actix-web", feature = "tower"))]
    fn clear(&mut self, name: &HeaderName) {
        self.remove(name);
    }
}

impl Entry {
    /// Writes the values of the scope that runs into the headers of its response, where these are absent.
    ///
    /// `brought` is the header that the first of them came in, where it is at hand.
    pub(crate) fn answer(&self, headers: &mut impl Headers, brought: Option<&EchoedHeader>) {
        for field in self.fields().filter(|field| field.echo) {
            if let Some(name) = field.header_name() {
                headers.fill(name, || told(field, name, brought));
            }
        }
    }

    /// Writes the values into the headers of the request, for code further in that reads them there: in place of what
    /// came, which may not be trusted.
    #[cfg(any(feature = "actix-web", feature = "tower"))]
    pub(crate) fn write_request(&self, headers: &mut impl Headers) {
        for field in self.fields().filter(|field| field.write_request) {
            if let Some(name) = field.header_name() {
                headers.clear(name);
                headers.fill(name, || told(field, name, None));
            }
        }
    }
}

/// What tells the value of `field` in the scope that runs.
fn told(field: &Field, name: &HeaderName, brought: Option<&EchoedHeader>) -> Option<HeaderValue> {
    let value = value_of(field.variable.index())?;
    if let Some(header) = brought.and_then(|brought| brought.header_of(&value)) {
        return Some(header);
    }
    let text = field.shown(&value).and_then(text_of);
    let header = text.and_then(|text| HeaderValue::try_from(text).ok());
    if header.is_none() {
        diagnostics::left_out(
            field.variable.name(),
            name.as_str(),
            &"is no value of a header",
        );
    }
    header
}
