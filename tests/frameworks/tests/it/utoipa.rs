//! utoipa-axum: `#[utoipa::path]` above `#[context_entry]`, with the hidden extractor.

use axum::extract::Path;
use propagate_context::http::ContextLayer;
use propagate_context::{context_entry, propagate_context};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::support::{self, get as ask, id};

#[utoipa::path(get, path = "/above/{order}", responses((status = 200, body = String)))]
#[context_entry(header = "X-Request-ID")]
async fn above(Path(order): Path<u32>) -> String {
    format!("{order} {}", id())
}

#[utoipa::path(get, path = "/layered", responses((status = 200, body = String)))]
#[propagate_context]
async fn layered() -> String {
    tokio::spawn(async { id() }).await.unwrap()
}

#[tokio::test]
async fn entries_and_the_layer() {
    let (app, api) = OpenApiRouter::new()
        .routes(routes!(layered))
        .layer(ContextLayer::new())
        .routes(routes!(above))
        .split_for_parts();
    assert_eq!(api.paths.paths.len(), 2);
    let (listener, address) = support::listen().await;
    tokio::spawn(async move { axum::serve(listener, app).await });
    let sent = [("x-request-id", "order-7")];
    for (path, body) in [("/above/7", "7 order-7"), ("/layered", "order-7")] {
        let answer = ask(address, path, &sent).await;
        assert_eq!((answer.id(), &*answer.body), ("order-7", body), "{path}");
    }
}
