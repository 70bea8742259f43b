//! `Headers`: header maps of different versions of the `http` crate.

use http::header::Entry as Slot;
use http::{HeaderMap, HeaderName, HeaderValue};

/// A header map that values can be written to.
pub(crate) trait Headers {
    fn contains(&self, name: &HeaderName) -> bool;

    /// Calls `each` with every value of `name`.
    fn visit_values(&self, name: &HeaderName, each: &mut dyn FnMut(&[u8]));

    /// Inserts the value that `make` returns, if any, if `name` has no value yet.
    fn fill(&mut self, name: &HeaderName, make: impl FnOnce() -> Option<HeaderValue>);

    /// Replaces all values of `name` by `value`.
    fn put(&mut self, name: &HeaderName, value: HeaderValue);

    /// Appends a value to those of `name`.
    fn append_value(&mut self, name: &HeaderName, value: HeaderValue);

    /// Removes all values of `name`.
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
