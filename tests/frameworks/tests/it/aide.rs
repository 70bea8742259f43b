//! aide: its documented handlers need arguments and output types of aide.

use std::net::SocketAddr;

use aide::axum::ApiRouter;
use aide::axum::routing::get;
use axum::extract::Path;
use http::HeaderMap;
use propagate_context::http::ContextLayer;
use propagate_context::{context_entry, propagate_context};

use crate::support::{self, get as ask, id};

#[propagate_context]
async fn show(Path(order): Path<u32>) -> String {
    let spawned = tokio::spawn(async { id() }).await.unwrap();
    format!("{order} {} {spawned}", id())
}

// The hidden extractor does not implement aide's traits. `layer` and `carrier` leave the signature unchanged.

#[context_entry(layer)]
async fn behind_the_layer(Path(order): Path<u32>) -> String {
    format!("{order} {}", id())
}

#[context_entry(carrier = headers)]
async fn by_itself(headers: HeaderMap) -> String {
    drop(headers);
    id()
}

async fn serve(app: ApiRouter) -> SocketAddr {
    let (listener, address) = support::listen().await;
    let mut api = aide::openapi::OpenApi::default();
    let app: axum::Router = app.finish_api(&mut api);
    assert!(api.paths.is_some_and(|paths| !paths.paths.is_empty()));
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

#[tokio::test]
async fn inside_the_layer_and_without_it() {
    let app = ApiRouter::new()
        .api_route("/show/{order}", get(show))
        .api_route("/entry/{order}", get(behind_the_layer))
        .layer(ContextLayer::new())
        .api_route("/itself", get(by_itself));
    let address = serve(app).await;
    let sent = [("x-request-id", "order-7")];
    for (path, body) in [("/show/7", "7 order-7 order-7"), ("/entry/7", "7 order-7")] {
        let answer = ask(address, path, &sent).await;
        assert_eq!((answer.id(), &*answer.body), ("order-7", body), "{path}");
    }
    let answer = ask(address, "/itself", &sent).await;
    assert_eq!(answer.body, "order-7");
    assert_eq!(ask(address, "/nowhere", &sent).await.status, 404);
}
