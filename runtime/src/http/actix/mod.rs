//! actix-web: `#[context_entry]` on handlers, and a middleware for a whole application.

mod body;
mod handler;
mod middleware;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest};

pub use self::body::ScopedBody;
pub use self::middleware::{ContextMiddleware, ContextMiddlewareService};
use crate::context::request_tag::FoundTag;
use crate::http::header_map::Headers;
use crate::propagation::carrier::{Carrier, Head, Http};

impl Carrier for HeaderMap {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        for value in self.get_all(key) {
            each(value.as_bytes());
        }
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(foreign(FoundTag::Unknown))
    }
}

impl Carrier for HttpRequest {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers().visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(foreign(FoundTag::of(self.extensions().get())))
    }

    fn head(&self) -> Head<'_> {
        Head {
            method: Some(self.method().as_str()),
            path: Some(self.path()),
            peer: self.peer_addr(),
            extensions: None,
        }
    }
}

impl Carrier for ServiceRequest {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers().visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(foreign(FoundTag::of(self.extensions().get())))
    }

    fn head(&self) -> Head<'_> {
        Head {
            method: Some(self.method().as_str()),
            path: Some(self.path()),
            peer: self.peer_addr(),
            extensions: None,
        }
    }
}

/// Describes a request whose header map is not from this crate's version of the `http` crate.
fn foreign(found_tag: FoundTag) -> Http<'static> {
    Http {
        headers: None,
        found_tag,
    }
}

impl Headers for HeaderMap {
    fn contains(&self, name: &http::HeaderName) -> bool {
        self.contains_key(name.as_str())
    }

    fn visit_values(&self, name: &http::HeaderName, each: &mut dyn FnMut(&[u8])) {
        self.visit(name.as_str(), each);
    }

    fn append_value(&mut self, name: &http::HeaderName, value: http::HeaderValue) {
        if let Some((name, value)) = older(name, &value) {
            self.append(name, value);
        }
    }

    fn put(&mut self, name: &http::HeaderName, value: http::HeaderValue) {
        self.remove(name.as_str());
        self.append_value(name, value);
    }

    fn fill(&mut self, name: &http::HeaderName, make: impl FnOnce() -> Option<http::HeaderValue>) {
        if self.contains_key(name.as_str()) {
            return;
        }
        if let Some((name, value)) = make().and_then(|value| older(name, &value)) {
            self.insert(name, value);
        }
    }

    fn clear(&mut self, name: &http::HeaderName) {
        self.remove(name.as_str());
    }
}

/// Converts a header for actix-web, which uses the types of an older version of the `http` crate.
fn older(name: &http::HeaderName, value: &http::HeaderValue) -> Option<(HeaderName, HeaderValue)> {
    let name = HeaderName::try_from(name.as_str()).ok()?;
    let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
    Some((name, value))
}
