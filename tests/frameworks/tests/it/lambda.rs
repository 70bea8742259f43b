//! lambda_http: the event is an `http::Request`, so an entry finds its headers without help.

use lambda_http::{Body, Error, Request, Response, service_fn};
use propagate_context::http::ContextLayer;
use propagate_context::{context_entry, propagate_context};
use tower::{Layer as _, ServiceExt as _};

use crate::support::id;

#[context_entry(header = "X-Request-ID")]
async fn entry(event: Request) -> Result<Response<Body>, Error> {
    let spawned = tokio::spawn(async { id() }).await.unwrap();
    Ok(Response::new(
        format!("{} {} {spawned}", event.uri().path(), id()).into(),
    ))
}

#[propagate_context]
async fn plain(event: Request) -> Result<Response<Body>, Error> {
    let spawned = tokio::spawn(async { id() }).await.unwrap();
    Ok(Response::new(
        format!("{} {} {spawned}", event.uri().path(), id()).into(),
    ))
}

fn event() -> Request {
    let request = http::Request::builder()
        .uri("/orders")
        .header("x-request-id", "order-7");
    request.body(Body::Empty).unwrap()
}

/// The bounds of `lambda_http::run`.
fn is_run<S, B>(service: S) -> S
where
    S: tower::Service<Request, Response = Response<B>, Error = Error> + Clone + Send + 'static,
    S::Future: Send + 'static,
    Response<B>: lambda_http::IntoResponse,
{
    service
}

#[tokio::test]
async fn an_entry_and_the_layer() {
    let response = is_run(service_fn(entry)).oneshot(event()).await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "order-7");
    assert_eq!(&**response.body(), b"/orders order-7 order-7");

    let layered = is_run(ContextLayer::new().layer(service_fn(plain)));
    let response = layered.oneshot(event()).await.unwrap();
    assert_eq!(response.headers()["x-request-id"], "order-7");
    let response = lambda_http::IntoResponse::into_response(response).await;
    assert_eq!(&**response.body(), b"/orders order-7 order-7");
}
