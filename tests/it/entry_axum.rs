//! `#[context_entry]` on axum handlers of every shape, without a layer.

use axum::body::{Body, Bytes};
use axum::extract::{Query, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, debug_handler};
use futures::stream;
use propagate_context::{ContextVar, REQUEST_ID, RequestId, context_entry};
use std::collections::HashMap;
use std::convert::Infallible;
use tracing::info;

use crate::wire::{Log, ask, get as fetch, serve};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");
static LEVEL: ContextVar<u8> = ContextVar::new("level").header("x-level");
static PLAN: ContextVar<String> = ContextVar::new("plan");

fn id() -> String {
    REQUEST_ID
        .get()
        .map(|id| id.to_string())
        .unwrap_or_default()
}

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

/// An error of the user, which logs while it is made into a response.
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

#[context_entry(header = "X-Request-ID", vars = [TENANT, LEVEL], required = [TENANT])]
async fn requires() -> String {
    format!(
        "{} {}",
        TENANT.get().unwrap_or_default(),
        LEVEL.get().unwrap_or_default()
    )
}

#[tokio::test]
async fn what_is_required_and_missing_is_refused_with_its_name() {
    let address = serve(Router::new().route("/", get(requires))).await;
    let answer = fetch(address, "/", &[("x-tenant", b"acme"), ("x-level", b"3")]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "acme 3"));
    // One that does not parse is as if it had not come, and the others stay.
    let answer = fetch(address, "/", &[("x-tenant", b"acme"), ("x-level", b"300")]).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, "acme 0"));

    for (headers, detail) in [
        (&[][..], "the header `x-tenant` is missing"),
        (
            &[("x-tenant", &b""[..])][..],
            "the header `x-tenant` is empty",
        ),
        (
            &[("x-tenant", &b"a"[..]), ("x-tenant", b"b")][..],
            "the header `x-tenant` occurs 2 times",
        ),
    ] {
        let answer = fetch(address, "/", headers).await;
        assert_eq!(
            (answer.status, &answer.all("content-type")[..]),
            (400, &["application/problem+json"][..])
        );
        let problem: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(problem["status"], 400);
        assert_eq!(problem["detail"], detail);
        assert_eq!(answer.id().len(), 36, "a refusal has an id as well");
    }
}

#[context_entry(header = "X-Request-ID", required)]
async fn requires_an_id() -> String {
    id()
}

#[context_entry(generate = uuid_v7)]
async fn sortable() -> String {
    id()
}

fn numbered() -> RequestId {
    RequestId::try_from("made-by-us").unwrap()
}

#[context_entry(header = ["X-Correlation-ID", "X-Request-ID"], generate = numbered)]
async fn own_maker() -> String {
    id()
}

#[context_entry(generate = RequestId::try_from(&*query["order"]).unwrap())]
async fn of_its_arguments(Query(query): Query<HashMap<String, String>>) -> String {
    format!("{} {}", id(), query.len())
}

#[context_entry(generate = none)]
async fn makes_none() -> String {
    format!("[{}]", id())
}

#[context_entry(echo = false)]
async fn silent() -> String {
    id()
}

#[context_entry(trust = false, vars = [TENANT])]
async fn at_the_edge() -> String {
    format!("{}{}", id().len(), TENANT.get().unwrap_or_default())
}

#[tokio::test]
async fn every_option() {
    let app = Router::new()
        .route("/requires_an_id", get(requires_an_id))
        .route("/sortable", get(sortable))
        .route("/own_maker", get(own_maker))
        .route("/of_its_arguments", get(of_its_arguments))
        .route("/makes_none", get(makes_none))
        .route("/silent", get(silent))
        .route("/at_the_edge", get(at_the_edge));
    let address = serve(app).await;

    let answer = fetch(address, "/requires_an_id", &[]).await;
    assert_eq!(
        (answer.status, answer.all("x-request-id").len()),
        (400, 0),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("the header `x-request-id` is missing"));
    assert_eq!(
        fetch(address, "/requires_an_id", &[("x-request-id", b"a")])
            .await
            .body,
        "a"
    );

    assert_eq!(
        fetch(address, "/sortable", &[]).await.body.as_bytes()[14],
        b'7'
    );

    let answer = fetch(address, "/own_maker", &[]).await;
    assert_eq!(
        (answer.body.as_str(), &answer.all("x-correlation-id")[..]),
        ("made-by-us", &["made-by-us"][..])
    );
    let answer = fetch(address, "/own_maker", &[("x-request-id", b"second")]).await;
    assert_eq!(
        (answer.body.as_str(), &answer.all("x-correlation-id")[..]),
        ("second", &["second"][..])
    );
    let both: &[(&str, &[u8])] = &[("x-request-id", b"second"), ("x-correlation-id", b"first")];
    assert_eq!(fetch(address, "/own_maker", both).await.body, "first");
    let both: &[(&str, &[u8])] = &[
        ("x-request-id", b"second"),
        ("x-correlation-id", b"not valid"),
    ];
    assert_eq!(fetch(address, "/own_maker", both).await.body, "second");

    let answer = fetch(address, "/of_its_arguments?order=order-7", &[]).await;
    assert_eq!(
        (answer.body.as_str(), answer.id()),
        ("order-7 1", "order-7")
    );

    let answer = fetch(address, "/makes_none", &[]).await;
    assert_eq!(
        (answer.body.as_str(), answer.all("x-request-id").len()),
        ("[]", 0)
    );

    let answer = fetch(address, "/silent", &[("x-request-id", b"a")]).await;
    assert_eq!(
        (answer.body.as_str(), answer.all("x-request-id").len()),
        ("a", 0)
    );

    let answer = fetch(
        address,
        "/at_the_edge",
        &[("x-request-id", b"a"), ("x-tenant", b"acme")],
    )
    .await;
    assert_eq!((answer.body.as_str(), answer.id().len()), ("36", 36));
}
