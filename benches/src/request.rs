//! One request through a layer and back, as in an HTTP server around every handler.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use propagate_context::http::{ContextLayer, X_REQUEST_ID};
use propagate_context::{ContextVar, context_entry};
use tower_layer::{Identity, Layer};
use tower_service::Service;

use crate::{Case, NAME, Run, floor, poll_once};

const ID: (HeaderName, &str) = (X_REQUEST_ID, NAME);
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
    cases.extend([
        Case::new("request, to an entry", floor::PLAIN, || {
            serve_by(plain, &Identity::new(), &[ID])
        }),
        Case::new("request, to an entry", "ours", || {
            serve_by(entry, &Identity::new(), &[ID])
        }),
        Case::new("request, layer and entry", floor::PLAIN, || {
            serve_by(plain, &Identity::new(), &[ID])
        }),
        Case::new("request, layer and entry", "ours", || {
            serve_by(entry, &ContextLayer::new(), &[ID])
        }),
        Case::new("request, layer and entry", "ours, layer alone", || {
            serve_by(plain, &ContextLayer::new(), &[ID])
        }),
    ]);
    cases
}

/// A handler that is a function.
#[expect(clippy::unused_async, reason = "handlers are async")]
pub(crate) async fn plain(request: Request<()>) -> Response<Full<Bytes>> {
    black_box(request);
    hello()
}

/// The same as an entry.
#[context_entry]
pub(crate) async fn entry(request: Request<()>) -> Response<Full<Bytes>> {
    black_box(request);
    hello()
}

/// A handler that calls the handler.
pub(crate) async fn plain_nested(request: Request<()>) -> Response<Full<Bytes>> {
    plain(request).await
}

/// An entry that calls the entry, which joins its scope.
#[context_entry]
pub(crate) async fn entry_nested(request: Request<()>) -> Response<Full<Bytes>> {
    entry(request).await
}

/// A request for which an id is generated, and one that has an id.
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
    requests(layer.layer(Handler), own)
}

/// The same by a function.
fn serve_by<F, R, L, B>(handler: F, layer: &L, own: &[(HeaderName, &str)]) -> Run
where
    F: Fn(Request<()>) -> R,
    R: Future<Output = Response<Full<Bytes>>>,
    L: Layer<Function<F>>,
    L::Service: Service<Request<()>, Response = Response<B>, Error = Infallible> + 'static,
    B: http_body::Body,
{
    requests(layer.layer(Function(handler)), own)
}

fn requests<S, B>(mut service: S, own: &[(HeaderName, &str)]) -> Run
where
    S: Service<Request<()>, Response = Response<B>, Error = Infallible> + 'static,
    B: http_body::Body,
{
    let usual = [(HOST, "localhost"), (USER_AGENT, "bench"), (ACCEPT, "*/*")];
    let headers: Vec<(HeaderName, HeaderValue)> = usual
        .iter()
        .chain(own)
        .map(|(name, value)| (name.clone(), read_off_a_socket(value)))
        .collect();
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

/// A value as hyper creates it: a slice of the read buffer.
fn read_off_a_socket(value: &str) -> HeaderValue {
    let buffer = Bytes::from(format!("{value}\r\n"));
    HeaderValue::from_maybe_shared(buffer.slice(..value.len())).expect("a value of a header")
}

/// Responds immediately with a short text.
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
        ready(Ok(hello()))
    }
}

/// A service that calls a function.
pub(crate) struct Function<F>(F);

impl<F, R> Service<Request<()>> for Function<F>
where
    F: Fn(Request<()>) -> R,
    R: Future<Output = Response<Full<Bytes>>>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Infallibly<R>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        Infallibly(Box::pin((self.0)(request)))
    }
}

/// The future of a handler as that of a service; boxed, as in a router.
pub(crate) struct Infallibly<R>(Pin<Box<R>>);

impl<R: Future> Future for Infallibly<R> {
    type Output = Result<R::Output, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx).map(Ok)
    }
}

fn hello() -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from("hello"));
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}
