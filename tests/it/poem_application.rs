//! `ContextLayer` as the middleware of a whole poem application: one id for everything that belongs to a request.

#![expect(clippy::unused_async, reason = "poem's handlers are asynchronous")]

use futures::stream;
use poem::error::NotFoundError;
use poem::{Body, EndpointExt as _, Route, get, handler};
use propagate_context::entry::Inbound;
use propagate_context::http::ContextLayer;
use propagate_context::{ContextVar, RequestId, context_entry, propagate_context};
use tracing::info;

use crate::entry_poem::serve;
use crate::support::wire::{Log, get as ask, id};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

#[handler]
#[propagate_context]
async fn show(extracted: RequestId) -> String {
    let spawned = tokio::spawn(async { id() }).await.unwrap();
    let tenant = TENANT.get().unwrap_or_default();
    format!("{} {extracted} {spawned} {tenant}", id())
}

#[context_entry(header = "X-Request-ID", vars = [TENANT])]
#[handler]
async fn entry() -> String {
    id()
}

#[handler]
async fn panics() -> String {
    panic!("on purpose")
}

#[handler]
async fn fails() -> poem::Result<String> {
    info!("failing");
    Err(poem::Error::from_string(
        "failed",
        http::StatusCode::IM_A_TEAPOT,
    ))
}

#[handler]
async fn streams() -> Body {
    Body::from_bytes_stream(stream::once(async {
        tokio::task::yield_now().await;
        Ok::<_, std::io::Error>(id())
    }))
}

#[handler]
async fn raw(request: &poem::Request) -> String {
    let read = |name| request.header(name).unwrap_or_default().to_owned();
    format!("{} {}", read("x-request-id"), read("x-tenant"))
}

fn routes() -> Route {
    Route::new()
        .at("/show", get(show))
        .at("/entry", get(entry))
        .at("/panic", get(panics))
        .at("/fails", get(fails))
        .at("/stream", get(streams))
        .at("/raw", get(raw))
}

type Headers<'h> = &'h [(&'h str, &'h [u8])];

const SENT: Headers<'_> = &[("x-request-id", b"order-7"), ("x-tenant", b"acme")];

#[tokio::test]
async fn one_id_everywhere() {
    let log = Log::capture();
    let address = serve(routes().with(ContextLayer::new().extract(&TENANT))).await;
    for (path, status, body) in [
        ("/show", 200, "ID ID ID acme"),
        ("/entry", 200, "ID"),
        ("/stream", 200, "ID"),
        ("/panic", 500, "internal server error"),
        ("/fails", 418, "failed"),
        ("/missing", 404, "not found"),
    ] {
        let answer = ask(address, path, SENT).await;
        assert_eq!((answer.status, answer.id()), (status, "order-7"), "{path}");
        let body = body.replace("ID", "order-7");
        assert!(answer.body.contains(&body), "{path}: {}", answer.body);
    }
    let lines = log.take();
    for what in ["failing", "answered with 500 after a panic"] {
        let line = lines.iter().find(|line| line.says(what));
        let line = line.unwrap_or_else(|| panic!("no line `{what}` in {lines:?}"));
        assert_eq!(line.id().as_deref(), Some("order-7"));
    }
    let answer = ask(address, "/show", &[]).await;
    assert_eq!(answer.id().len(), 36);
    assert_eq!(answer.body, format!("{0} {0} {0} ", answer.id()));
}

#[tokio::test]
async fn a_missing_value_is_rejected_with_the_id() {
    let required = ContextLayer::new().extract(Inbound::new(&TENANT).required());
    let address = serve(routes().with(required)).await;
    let answer = ask(address, "/show", &[("x-request-id", b"order-7")]).await;
    assert_eq!((answer.status, answer.id()), (400, "order-7"));
    assert_eq!(answer.all("content-type"), ["application/problem+json"]);
    assert!(answer.body.contains("`x-tenant`"), "{}", answer.body);
    assert_eq!(ask(address, "/show", SENT).await.status, 200);
}

/// The functions of the layer see the whole request, including path and peer.
#[tokio::test]
async fn untrusted_values_are_removed() {
    let layer = ContextLayer::new().extract(&TENANT).trust(|parts| {
        let peer: &poem::web::RemoteAddr = parts.extensions.get().unwrap();
        assert!(peer.as_socket_addr().unwrap().ip().is_loopback());
        parts.method == "GET" && parts.uri.query() == Some("trusted")
    });
    let address = serve(routes().with(layer)).await;
    let answer = ask(address, "/raw", SENT).await;
    assert_eq!(answer.body, format!("{} ", answer.id()));
    let answer = ask(address, "/raw?trusted", SENT).await;
    assert_eq!(answer.body, "order-7 acme");
}

#[tokio::test]
async fn skipped_requests_and_panics_are_unchanged() {
    let skipping = ContextLayer::new().skip(|parts| parts.uri.path() == "/raw");
    let answer = ask(serve(routes().with(skipping)).await, "/raw", SENT).await;
    assert_eq!(answer.body, "order-7 acme");
    assert!(answer.all("x-request-id").is_empty());

    let outer = poem::middleware::CatchPanic::new().with_handler(|_| "caught outside");
    let app = routes()
        .with(ContextLayer::new().catch_panics(false))
        .with(outer);
    let answer = ask(serve(app).await, "/panic", SENT).await;
    assert_eq!(answer.body, "caught outside");
}

/// By type inside the layer, and like any error outside of it.
#[tokio::test]
async fn errors_can_still_be_caught() {
    let app = routes()
        .catch_error(async |_: NotFoundError| format!("nothing here for {}", id()))
        .with(ContextLayer::new());
    let answer = ask(serve(app).await, "/missing", SENT).await;
    assert_eq!(
        (answer.id(), &*answer.body),
        ("order-7", "nothing here for order-7")
    );
    let app = routes()
        .with(ContextLayer::new())
        .catch_all_error(async |error| format!("caught {}", error.status()));
    let answer = ask(serve(app).await, "/missing", SENT).await;
    assert_eq!(answer.body, "caught 404 Not Found");
}
