//! A response has the final value of the request, in any of the headers in which it can be received.

use std::convert::Infallible;
use std::error::Error as _;

use http::{HeaderMap, Request, Response};
use propagate_context::entry::{Entry, Inbound};
use propagate_context::http::ContextLayer;
use propagate_context::{ContextVar, REQUEST_ID};
use tower::{ServiceBuilder, ServiceExt, service_fn};

static LEVEL: ContextVar<u8> = ContextVar::new("level").header("x-level");

/// Returns the response headers of a request with `headers`, in whose scope `inner` runs.
async fn answer(layer: ContextLayer, headers: &[(&str, &str)], inner: fn()) -> HeaderMap {
    let mut request = Request::builder();
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let handler = service_fn(move |_: Request<()>| async move {
        inner();
        Ok::<_, Infallible>(Response::new(String::new()))
    });
    let service = ServiceBuilder::new().layer(layer).service(handler);
    let response = service.oneshot(request.body(()).unwrap()).await.unwrap();
    response.headers().clone()
}

#[tokio::test]
async fn the_received_id_is_echoed() {
    let headers = answer(ContextLayer::new(), &[("x-request-id", "order-7")], || {}).await;
    assert_eq!(headers["x-request-id"], "order-7");
}

#[tokio::test]
async fn an_id_set_by_the_handler_is_echoed() {
    let set = || drop(REQUEST_ID.set("order-8".parse().unwrap()));
    let headers = answer(ContextLayer::new(), &[("x-request-id", "order-7")], set).await;
    assert_eq!(headers["x-request-id"], "order-8");
    // The text is the same, but the value is another one, which is what counts.
    let again = || drop(REQUEST_ID.set("order-7".parse().unwrap()));
    let headers = answer(ContextLayer::new(), &[("x-request-id", "order-7")], again).await;
    assert_eq!(headers["x-request-id"], "order-7");
}

#[tokio::test]
async fn the_transformed_id_is_echoed() {
    let shorter = Inbound::new(&REQUEST_ID).transform(|id| id.replace("urn:", ""));
    let layer = ContextLayer::new().extract(shorter);
    let headers = answer(layer, &[("x-request-id", "urn:7")], || {}).await;
    assert_eq!(headers["x-request-id"], "7");
}

#[tokio::test]
async fn an_id_is_echoed_in_the_first_of_its_headers() {
    let both = Inbound::new(&REQUEST_ID).headers(["X-Correlation-ID", "x-request-id"]);
    let layer = ContextLayer::new().extract(both);
    let headers = answer(layer, &[("X-Request-ID", "order-7")], || {}).await;
    assert_eq!(headers["x-correlation-id"], "order-7");
    assert!(!headers.contains_key("x-request-id"));
}

#[tokio::test]
async fn with_two_ids_none_is_echoed() {
    let two = [("x-request-id", "order-7"), ("x-request-id", "order-8")];
    let headers = answer(ContextLayer::new(), &two, || {}).await;
    assert_eq!(headers["x-request-id"].len(), 36);
}

#[tokio::test]
async fn a_number_is_echoed_in_its_display_format() {
    let layer = ContextLayer::new().extract(Inbound::new(&LEVEL).echo(true));
    let headers = [("x-level", "007"), ("x-request-id", "order-7")];
    let headers = answer(layer, &headers, || {}).await;
    assert_eq!(headers["x-level"], "7");
    assert_eq!(headers["x-request-id"], "order-7");
}

/// The entry that has accepted a request says what its response has; one that is skipped gets nothing.
#[tokio::test]
async fn the_entry_that_accepts_a_request_says_what_is_echoed() {
    let entry = Entry::new().extract(Inbound::new(&LEVEL).echo(true));
    let (mut headers, mut extensions) = (HeaderMap::new(), http::Extensions::new());
    headers.insert("x-level", "7".parse().unwrap());
    let accepted = entry.accept(&mut headers, &mut extensions);
    let handle = async { Response::new(()) };
    let response = accepted.serve(handle, Response::headers_mut).await.unwrap();
    assert_eq!(response.headers()["x-level"], "7");
    assert!(response.headers().contains_key("x-request-id"));

    for skipped in [false, true] {
        let layer = ContextLayer::new().skip(move |_| skipped);
        let (mut parts, ()) = Request::new(()).into_parts();
        let served = REQUEST_ID.scope("outer".parse().unwrap(), async {
            let accepted = layer.accept(&mut parts);
            let handle = async { Response::new(()) };
            accepted.serve(handle, Response::headers_mut).await.unwrap()
        });
        let headers = served.await.headers().clone();
        assert_eq!(
            headers.contains_key("x-request-id"),
            !skipped,
            "{headers:?}"
        );
    }
}

#[tokio::test]
async fn what_is_missing_is_known_before_and_after() {
    let entry = Entry::new().extract(Inbound::new(&LEVEL).required());
    for (level, missing) in [(Some("7"), false), (None, true)] {
        let (mut headers, mut extensions) = (HeaderMap::new(), http::Extensions::new());
        if let Some(level) = level {
            headers.insert("x-level", level.parse().unwrap());
        }
        let accepted = entry.accept(&mut headers, &mut extensions);
        let key = accepted.missing().map(|missing| missing.key().to_owned());
        assert_eq!(key.as_deref(), missing.then_some("x-level"));
        let handle = async { Response::new(()) };
        let served = accepted.serve(handle, Response::headers_mut).await;
        let error = served.err();
        assert_eq!(error.is_some(), missing);
        let source = error.as_ref().and_then(|error| error.source());
        let texts = [
            source.map(ToString::to_string),
            error.as_ref().map(ToString::to_string),
        ];
        assert_eq!(texts[0], texts[1]);
    }
}
