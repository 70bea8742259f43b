//! actix-web: `#[context_entry]` on its handlers, and a middleware for a whole application.

mod body;
mod handler;
mod middleware;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest};

pub use self::body::ScopedBody;
pub use self::middleware::{ContextMiddleware, ContextMiddlewareService};
use crate::carrier::Carrier;
use crate::entry::{Entry, Met};
use crate::http::carrier::Http;

impl Carrier for HeaderMap {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        for value in self.get_all(key) {
            each(value.as_bytes());
        }
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(foreign(Met::Unknown))
    }
}

impl Carrier for HttpRequest {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers().visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(foreign(Met::of(self.extensions().get())))
    }
}

impl Carrier for ServiceRequest {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers().visit(key, each);
    }

    fn http(&self) -> Option<Http<'_>> {
        Some(foreign(Met::of(self.extensions().get())))
    }
}

/// actix-web has the types of an older version of the `http` crate.
fn foreign(met: Met) -> Http<'static> {
    Http { headers: None, met }
}

impl Entry {
    /// Writes the values of the scope that runs into the headers of its response, where these are absent.
    fn answer_actix(&self, headers: &mut HeaderMap) {
        for (name, value) in self.answers() {
            if !headers.contains_key(&name) {
                put(headers, &name, &value);
            }
        }
    }

    /// Writes the values into the headers of the request, in place of what came: that may not be trusted.
    fn write_request_actix(&self, headers: &mut HeaderMap) {
        for (name, value) in self.request_values() {
            headers.remove(&name);
            if let Some(value) = value {
                put(headers, &name, &value);
            }
        }
    }
}

/// actix-web has the types of an older version of the `http` crate.
fn put(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
        headers.insert(name, value);
    }
}
