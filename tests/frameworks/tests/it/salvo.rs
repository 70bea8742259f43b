//! salvo: the hoop, and why the tower layer does not work.

use std::net::SocketAddr;

use futures::stream;
use propagate_context::entry::Inbound;
use propagate_context::http::ContextLayer;
use propagate_context::{context_entry, propagate_context};
use propagate_context_frameworks_tests::salvo::ContextHoop;
use salvo::conn::tcp::TcpAcceptor;
use salvo::prelude::*;

use crate::support::{self, TENANT, get, id};

#[handler]
#[propagate_context]
async fn show() -> String {
    let spawned = tokio::spawn(async { id() }).await.unwrap();
    format!("{} {spawned} {}", id(), TENANT.get().unwrap_or_default())
}

#[handler]
async fn panics() -> String {
    panic!("on purpose")
}

#[handler]
async fn streams(res: &mut Response) {
    res.stream(stream::once(async {
        tokio::task::yield_now().await;
        Ok::<_, std::io::Error>(id())
    }));
}

#[handler]
async fn entry(req: &mut Request) -> String {
    inner(req.headers().clone()).await.unwrap_or_default()
}

#[context_entry(carrier = headers)]
async fn inner(headers: http::HeaderMap) -> Result<String, String> {
    assert!(headers.contains_key("x-request-id"));
    Ok(id())
}

#[handler]
async fn raw(req: &mut Request) -> String {
    let read = |name| req.header::<String>(name).unwrap_or_default();
    format!("{} {}", read("x-request-id"), read("x-tenant"))
}

fn routes() -> Router {
    Router::new()
        .push(Router::with_path("show").get(show))
        .push(Router::with_path("panic").get(panics))
        .push(Router::with_path("stream").get(streams))
        .push(Router::with_path("entry").get(entry))
        .push(Router::with_path("raw").get(raw))
}

async fn serve(service: Service) -> SocketAddr {
    let (listener, address) = support::listen().await;
    let acceptor = TcpAcceptor::try_from(listener).unwrap();
    tokio::spawn(Server::new(acceptor).serve(service));
    address
}

#[tokio::test]
async fn the_hoop_gives_a_request_one_id() {
    let layer = ContextLayer::new().extract(&TENANT);
    let address = serve(Service::new(routes()).hoop(ContextHoop(layer))).await;
    support::has_one_id_everywhere(address).await;
}

#[tokio::test]
async fn the_hoop_rejects_with_the_id() {
    let layer = ContextLayer::new().extract(Inbound::new(&TENANT).required());
    support::rejects_with_the_id(serve(Service::new(routes()).hoop(ContextHoop(layer))).await)
        .await;
}

#[tokio::test]
async fn the_hoop_removes_untrusted_headers() {
    let trusted = |parts: &http::request::Parts| parts.uri.query() == Some("trusted");
    let layer = ContextLayer::new().extract(&TENANT).trust(trusted);
    support::removes_what_is_not_trusted(
        serve(Service::new(routes()).hoop(ContextHoop(layer))).await,
    )
    .await;
}

#[tokio::test]
async fn a_skipped_request_is_unchanged() {
    let layer = ContextLayer::new().skip(|parts| parts.uri.path() == "/show");
    let address = serve(Service::new(routes()).hoop(ContextHoop(layer))).await;
    let answer = get(address, "/show", &[("x-request-id", "order-7")]).await;
    assert_eq!((answer.status, &*answer.body), (200, "- - "));
    assert!(answer.all("x-request-id").is_empty());
}

/// This is documented: the response has the id, but the handler has none.
#[tokio::test]
async fn the_tower_layer_loses_the_id_silently() {
    let address = serve(Service::new(routes()).hoop(ContextLayer::new().compat())).await;
    let answer = get(address, "/show", &[("x-request-id", "order-7")]).await;
    assert_eq!((answer.id(), &*answer.body), ("order-7", "- - "));
}
