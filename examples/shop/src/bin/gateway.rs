//! The gateway: what clients, and services of the shop, talk to.
//!
//! Shows one [`ContextLayer`] for a whole application. It accepts the request id of each request or generates one, reads
//! the tenant, shows both on every line, and sets the id on every response. The client sends them to the order service.

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
        // The last layer is the outermost. On a public listener, `.trust(..)` says whose ids are accepted.
        .layer(ContextLayer::new().extract(&TENANT));
    serve(&setting("GATEWAY")?, app).await
}

/// What a client sends.
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

/// Called by the order service while the request above waits: the same id in another request.
#[propagate_context]
async fn reserve(Json(order): Json<Order>) -> StatusCode {
    let reserved = spawn_blocking(move || info!(order = order.number, "reserved"));
    match reserved.await {
        Ok(()) => StatusCode::CREATED,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
