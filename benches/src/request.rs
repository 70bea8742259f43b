//! One request through a layer and back: what an HTTP server does around every handler.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use propagate_context::{ContextVar, http::ContextLayer, http::X_REQUEST_ID};
use tower_layer::{Identity, Layer};
use tower_service::Service;

use crate::{Case, Run, floor, poll_once};

const ID: (HeaderName, &str) = (X_REQUEST_ID, "0198f6d2-7c1b-7e37-9d5c-3f1f2f6a8b11");
const TENANT: (HeaderName, &str) = (HeaderName::from_static("x-tenant"), "acme");

static OF_TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = Vec::from(with_and_without_id(floor::PLAIN, Identity::new));
    cases.extend(with_and_without_id("ours", ContextLayer::new));
    for (subject, layered) in [(floor::PLAIN, false), ("ours", true)] {
        cases.push(Case::new("request, id and tenant", subject, move || {
            let headers = &[ID, TENANT];
            if layered {
                serve(&ContextLayer::new().extract(&OF_TENANT), headers)
            } else {
                serve(&Identity::new(), headers)
            }
        }));
    }
    cases
}

/// A request for which an id is made, and one that brings it.
pub(crate) fn with_and_without_id<L, B>(
    subject: &'static str,
    layer: impl Fn() -> L + Copy + 'static,
) -> [Case; 2]
where
    L: Layer<Handler>,
    L::Service: Service<Request<()>, Response = Response<B>, Error = Infallible> + 'static,
    B: http_body::Body,
{
    [
        Case::new("request, id made", subject, move || serve(&layer(), &[])),
        Case::new("request, id brought", subject, move || {
            serve(&layer(), &[ID])
        }),
    ]
}

fn serve<L, B>(layer: &L, own: &[(HeaderName, &str)]) -> Run
where
    L: Layer<Handler>,
    L::Service: Service<Request<()>, Response = Response<B>, Error = Infallible> + 'static,
    B: http_body::Body,
{
    let usual = [(HOST, "localhost"), (USER_AGENT, "bench"), (ACCEPT, "*/*")];
    let headers: Vec<(HeaderName, HeaderValue)> = usual
        .iter()
        .chain(own)
        .map(|(name, value)| (name.clone(), read_off_a_socket(value)))
        .collect();
    let mut service = layer.layer(Handler);
    Box::new(move |times| {
        for _ in 0..times {
            let mut request = Request::new(());
            *request.headers_mut() = HeaderMap::with_capacity(8);
            request.headers_mut().extend(headers.iter().cloned());
            let Ok(response) = poll_once(service.call(request));
            let (parts, body) = response.into_parts();
            black_box(parts);
            let mut body = std::pin::pin!(body);
            while let Some(frame) = poll_once(body.frame()) {
                black_box(frame.is_ok());
            }
        }
    })
}

/// A value as hyper makes it: a part of the buffer that was read into.
fn read_off_a_socket(value: &str) -> HeaderValue {
    let buffer = Bytes::from(format!("{value}\r\n"));
    HeaderValue::from_maybe_shared(buffer.slice(..value.len())).expect("a value of a header")
}

/// Answers a short text, at once.
#[derive(Clone, Copy)]
pub(crate) struct Handler;

impl Service<Request<()>> for Handler {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        black_box(request);
        let mut response = Response::new(Full::from("hello"));
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        ready(Ok(response))
    }
}
