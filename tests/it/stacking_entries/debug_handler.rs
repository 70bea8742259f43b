//! axum's `#[debug_handler]`.

use axum::Json;
use axum::debug_handler;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::routing::post;

use super::*;

#[debug_handler]
#[context_entry]
async fn above(Json(number): Json<u32>) -> String {
    format!("{number} {}", id())
}

#[debug_handler]
#[context_entry]
async fn above_several(
    State(factor): State<u32>,
    Query(query): Query<Vec<(String, String)>>,
    Json(number): Json<u32>,
) -> Result<String, StatusCode> {
    Ok(format!("{} {} {}", factor * number, query.len(), id()))
}

#[debug_handler]
#[context_entry]
async fn above_headers(headers: HeaderMap) -> String {
    format!("{} {}", headers.len(), id())
}

#[context_entry]
#[debug_handler]
async fn below(State(factor): State<u32>, Json(number): Json<u32>) -> String {
    format!("{} {}", factor * number, id())
}

#[context_entry]
#[debug_handler]
async fn below_without_arguments() -> String {
    id()
}

#[context_entry]
#[debug_handler(state = u32)]
#[tracing::instrument(ret)]
async fn below_with_another(Json(number): Json<u32>) -> String {
    format!("{number} {}", id())
}

#[tokio::test]
async fn both_orders() {
    let app = Router::new()
        .route("/above", post(above))
        .route("/above_several", post(above_several))
        .route("/above_headers", post(above_headers))
        .route("/below", post(below))
        .route("/below_without_arguments", post(below_without_arguments))
        .route("/below_with_another", post(below_with_another))
        .with_state(2);
    for (path, body) in [
        ("/above", "3 order-7"),
        ("/above_several?a=b", "6 1 order-7"),
        ("/above_headers", "2 order-7"),
        ("/below", "6 order-7"),
        ("/below_without_arguments", "order-7"),
        ("/below_with_another", "3 order-7"),
    ] {
        assert_eq!(
            ask(app.clone(), "POST", path).await,
            answer(200, body),
            "{path}"
        );
    }
}

/// The maximum number that axum allows, so no extractor is added.
#[debug_handler]
#[context_entry]
#[allow(clippy::too_many_arguments)]
async fn sixteen(
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    _: State<u32>,
    Json(number): Json<u32>,
) -> String {
    format!("{number} {}", id())
}

#[tokio::test]
async fn sixteen_extractors() {
    let app = Router::new().route("/", post(sixteen)).with_state(2);
    assert_eq!(ask(app, "POST", "/").await, answer(200, "3 order-7"));
}
