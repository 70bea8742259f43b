//! Maps of headers, of whatever version of the `http` crate.

use http::header::Entry as Slot;
use http::{HeaderMap, HeaderName, HeaderValue};

/// A map of headers to write to.
pub(crate) trait Headers {
    fn contains(&self, name: &HeaderName) -> bool;

    /// Calls `each` with every value under `name`.
    fn visit_values(&self, name: &HeaderName, each: &mut dyn FnMut(&[u8]));

    /// Inserts what `make` makes, where there is nothing under `name`.
    fn fill(&mut self, name: &HeaderName, make: impl FnOnce() -> Option<HeaderValue>);

    /// Puts `value` in the place of everything under `name`.
    fn put(&mut self, name: &HeaderName, value: HeaderValue);

    /// Adds a value to those under `name`.
    fn append_value(&mut self, name: &HeaderName, value: HeaderValue);

    /// Removes everything under `name`.
    fn clear(&mut self, name: &HeaderName);
}

impl Headers for HeaderMap {
    fn contains(&self, name: &HeaderName) -> bool {
        self.contains_key(name)
    }

    fn visit_values(&self, name: &HeaderName, each: &mut dyn FnMut(&[u8])) {
        for value in self.get_all(name) {
            each(value.as_bytes());
        }
    }

    #[inline]
    fn fill(&mut self, name: &HeaderName, make: impl FnOnce() -> Option<HeaderValue>) {
        if let Slot::Vacant(slot) = self.entry(name) {
            if let Some(value) = make() {
                slot.insert(value);
            }
        }
    }

    fn put(&mut self, name: &HeaderName, value: HeaderValue) {
        self.insert(name, value);
    }

    fn append_value(&mut self, name: &HeaderName, value: HeaderValue) {
        self.append(name, value);
    }

    fn clear(&mut self, name: &HeaderName) {
        self.remove(name);
    }
}
