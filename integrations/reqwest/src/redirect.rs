//! Decides for each hop of a redirect chain whether it receives the context.

use std::sync::Arc;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Request};
use propagate_context::Context;
use propagate_context::http::outbound_headers;
use reqwest::{Body, Url};
use tower_http::follow_redirect::policy::{Action, Attempt, Policy};

use crate::client::MaySee;

/// Adds the headers of the context to each hop whose host may receive them, and removes them for any other.
#[derive(Clone)]
pub(crate) struct ContextPerHop {
    may_see: Arc<MaySee>,
    /// The names of the context's headers on the last hop, and the values that the caller has set for them.
    callers: Vec<(HeaderName, Vec<HeaderValue>)>,
}

impl ContextPerHop {
    pub(crate) fn new(may_see: Arc<MaySee>) -> Self {
        Self {
            may_see,
            callers: Vec::new(),
        }
    }

    fn put_on(&mut self, headers: &mut HeaderMap) {
        let ours = outbound_headers();
        self.callers = ours
            .keys()
            .map(|name| {
                (
                    name.clone(),
                    headers.get_all(name).iter().cloned().collect(),
                )
            })
            .collect();
        // Keeps the caller's headers, except for `baggage`, to which members are added.
        Context::current().inject(headers);
    }

    fn take_off(&mut self, headers: &mut HeaderMap) {
        for (name, values) in self.callers.drain(..) {
            // A credential that another origin must not get has been removed already.
            if headers.remove(&name).is_none() {
                continue;
            }
            for value in values {
                headers.append(&name, value);
            }
        }
    }
}

impl<E> Policy<Body, E> for ContextPerHop {
    fn redirect(&mut self, _: &Attempt<'_>) -> Result<Action, E> {
        Ok(Action::Follow)
    }

    fn on_request(&mut self, request: &mut Request<Body>) {
        self.take_off(request.headers_mut());
        let url = Url::parse(&request.uri().to_string());
        if url.is_ok_and(|url| (self.may_see)(&url)) {
            self.put_on(request.headers_mut());
        }
    }

    fn clone_body(&self, body: &Body) -> Option<Body> {
        body.as_bytes().map(|bytes| Body::from(bytes.to_vec()))
    }
}
