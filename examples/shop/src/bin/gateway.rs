//! The gateway, which receives requests from clients and from services of the shop.
//!
//! Shows one [`ContextLayer`] for a whole application. It accepts the request id of each request or generates one,
//! reads the tenant, adds both to every log line, and sets the id on every response. The HTTP client sends both to the
//! order service.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use propagate_context::http::ContextLayer;
use propagate_context::propagate_context;
use shop::{Client, Error, Order, TENANT, serve, setting};
use tokio::task::spawn_blocking;
use tracing::{error, info};

#[tokio::main]
async fn main() -> Result<(), Error> {
    shop::log();
    let orders = Client::of(setting("ORDERS")?);
    let app = Router::new()
        .route("/orders", post(buy))
        .route("/reservations", post(reserve))
        .with_state(orders)
        // The last layer is the outermost. On a public listener, use `.trust(..)` to decide which ids to accept.
        .layer(ContextLayer::new().extract(&TENANT));
    serve(&setting("GATEWAY")?, app).await
}

/// Handles an order from a client.
async fn buy(
    State(orders): State<Client>,
    Json(order): Json<Order>,
) -> Result<StatusCode, StatusCode> {
    info!(order = order.number, item = order.item, "buying");
    orders.post("/orders", &order).await.map_err(|error| {
        error!(order = order.number, error, "not bought");
        StatusCode::BAD_GATEWAY
    })?;
    info!(order = order.number, "bought");
    Ok(StatusCode::ACCEPTED)
}

/// Handles a request from the order service, which has the same id as the request that is being handled by `buy`.
#[propagate_context]
async fn reserve(Json(order): Json<Order>) -> StatusCode {
    let reserved = spawn_blocking(move || info!(order = order.number, "reserved"));
    match reserved.await {
        Ok(()) => StatusCode::CREATED,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
