//! `#[context_entry]` on axum handlers of every shape, without a layer.

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, debug_handler};
use futures::stream;
use propagate_context::{ContextVar, context_entry};
use std::collections::HashMap;
use std::convert::Infallible;
use tracing::info;

use crate::support::wire::{Log, ask, get as fetch, id, serve};

static PLAN: ContextVar<String> = ContextVar::new("plan");

#[derive(Clone)]
struct Shop;

#[context_entry]
async fn nothing() {
    info!("in the handler");
}

#[context_entry(header = "X-Request-ID")]
async fn text() -> &'static str {
    info!("in the handler");
    "text"
}

#[context_entry(header = "X-Request-ID")]
async fn extractors(
    State(Shop): State<Shop>,
    Query(query): Query<HashMap<String, String>>,
    Json(list): Json<Vec<u32>>,
) -> String {
    info!("in the handler");
    format!("{} {} {}", id(), query.len(), list.len())
}

/// An error type of the user, which logs a line when it is converted into a response.
struct Failed;

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        info!("made into a response");
        (StatusCode::IM_A_TEAPOT, id()).into_response()
    }
}

#[context_entry(header = "X-Request-ID")]
async fn failing() -> Result<String, Failed> {
    let early = true;
    if early {
        return Err(Failed);
    }
    let text = text_of(7)?;
    Ok(text)
}

fn text_of(_: u8) -> Result<String, Failed> {
    Err(Failed)
}

#[context_entry(header = "X-Request-ID")]
async fn opaque() -> Result<impl IntoResponse, Failed> {
    info!("in the handler");
    Ok((StatusCode::CREATED, id()))
}

#[context_entry(header = "X-Request-ID")]
async fn with_headers(headers: HeaderMap, body: Bytes) -> String {
    info!("in the handler");
    format!("{} {} {}", id(), headers.len() > 1, body.len())
}

#[context_entry(header = "X-Request-ID")]
async fn with_request(mut request: Request) -> Response {
    info!("in the handler");
    request.headers_mut().clear();
    id().into_response()
}

#[context_entry(header = "X-Request-ID")]
async fn with_parts(parts: Parts) -> Response<Body> {
    info!("in the handler");
    Response::new(Body::from(format!("{} {}", id(), parts.method)))
}

#[context_entry(header = "X-Request-ID")]
#[debug_handler]
#[expect(clippy::unused_async, reason = "handlers are async")]
async fn debugged(_: Request) -> String {
    info!("in the handler");
    id()
}

#[context_entry(header = "X-Request-ID")]
#[tracing::instrument]
async fn instrumented() -> String {
    info!("in the handler");
    id()
}

#[context_entry(header = "X-Request-ID")]
async fn spawning() -> String {
    info!("in the handler");
    let spawned = tokio::spawn(async { id() }).await.unwrap();
    let blocking = tokio::task::spawn_blocking(id).await.unwrap();
    format!("{spawned} {blocking}")
}

struct Handlers;

impl Handlers {
    #[context_entry(header = "X-Request-ID")]
    async fn associated<const N: usize>(State(_): State<Shop>) -> String {
        info!("in the handler");
        format!("{} {N}", id())
    }
}

#[context_entry(header = "X-Request-ID", set(PLAN = query["plan"].clone()))]
async fn sets(Query(query): Query<HashMap<String, String>>) -> String {
    info!("in the handler");
    format!("{} {}", PLAN.get().unwrap_or_default(), query.len())
}

fn app() -> Router {
    Router::new()
        .route("/nothing", get(nothing))
        .route("/text", get(text))
        .route("/extractors", post(extractors))
        .route("/failing", get(failing))
        .route("/opaque", get(opaque))
        .route("/with_headers", post(with_headers))
        .route("/with_request", get(with_request))
        .route("/with_parts", get(with_parts))
        .route("/debugged", get(debugged))
        .route("/instrumented", get(instrumented))
        .route("/spawning", get(spawning))
        .route("/associated", get(Handlers::associated::<7>))
        .route("/sets", get(sets))
        .with_state(Shop)
}

#[tokio::test]
async fn handlers_of_every_shape() {
    let log = Log::capture();
    let address = serve(app()).await;
    #[rustfmt::skip]
    let cases = [
        ("GET",  "/nothing",         "",    200, ""),
        ("GET",  "/text",            "",    200, "text"),
        ("POST", "/extractors?a=b",  "[1]", 200, "ID 1 1"),
        ("GET",  "/failing",         "",    418, "ID"),
        ("GET",  "/opaque",          "",    201, "ID"),
        ("POST", "/with_headers",    "abc", 200, "ID true 3"),
        ("GET",  "/with_request",    "",    200, "ID"),
        ("GET",  "/with_parts",      "",    200, "ID GET"),
        ("GET",  "/debugged",        "",    200, "ID"),
        ("GET",  "/instrumented",    "",    200, "ID"),
        ("GET",  "/spawning",        "",    200, "ID ID"),
        ("GET",  "/associated",      "",    200, "ID 7"),
        ("GET",  "/sets?plan=gold",  "",    200, "gold 1"),
    ];
    for (method, path, body, status, expected) in cases {
        for brought in [None, Some("order-7")] {
            let mut headers: Vec<(&str, &[u8])> = vec![("content-type", b"application/json")];
            headers.extend(brought.map(|id| ("x-request-id", id.as_bytes())));
            let answer = ask(address, method, path, &headers, body).await;
            let id = answer.id();
            assert_eq!(id.len(), brought.map_or(36, str::len), "{path}");
            assert_eq!(
                (answer.status, answer.body.clone()),
                (status, expected.replace("ID", id)),
                "{path}"
            );
            let lines = log.take();
            assert_eq!(lines.len(), 1, "{path}: {lines:#?}");
            assert_eq!(lines[0].id().as_deref(), Some(id), "{path}: {lines:#?}");
        }
    }
}

#[context_entry(header = "X-Request-ID")]
async fn streaming() -> Body {
    Body::from_stream(stream::once(async {
        tokio::task::yield_now().await;
        Ok::<_, Infallible>(id())
    }))
}

#[tokio::test]
async fn the_body_is_polled_in_the_scope() {
    let address = serve(Router::new().route("/", get(streaming))).await;
    let answer = fetch(address, "/", &[("x-request-id", b"order-7")]).await;
    assert!(answer.body.contains("order-7"), "{}", answer.body);
}
