//! What clients see: takes orders, hands them to the order service, and knows the prices.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{Request, StatusCode, header::CONTENT_TYPE};
use axum::routing::{get, post};
use axum::{Json, Router};
use propagate_context::http::ContextLayer;
use shop::{CUSTOMER, Failure, Order, client, fetch, log, setting};
use tokio::net::TcpListener;
use tracing::{error, info};

/// Where the order service is.
#[derive(Clone)]
struct Orders(String);

async fn checkout(
    State(Orders(orders)): State<Orders>,
    Json(order): Json<Order>,
) -> Result<Json<Order>, StatusCode> {
    info!(item = order.item, "checking out");
    let placed = place(&orders, &order).await;
    placed.map(Json).map_err(|failure| {
        error!(%failure, "the order was not placed");
        StatusCode::BAD_GATEWAY
    })
}

/// Nothing here speaks of ids: the client takes the context along.
async fn place(orders: &str, order: &Order) -> Result<Order, Failure> {
    let request = Request::post(format!("http://{orders}/orders"))
        .header(CONTENT_TYPE, "application/json")
        .body(Body::from(serde_json::to_vec(order)?))?;
    fetch(client(), request).await
}

async fn price(Path(item): Path<String>) -> Json<u32> {
    info!(item, "looking up a price");
    Json(item.len() as u32 * 100)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    log();
    let app = Router::new()
        .route("/checkout", post(checkout))
        .route("/prices/{item}", get(price))
        .with_state(Orders(setting("ORDERS", "127.0.0.1:18081")))
        .layer(ContextLayer::new().entry(&CUSTOMER));
    let listener = TcpListener::bind(setting("LISTEN", "127.0.0.1:18080")).await?;
    info!(address = %listener.local_addr()?, "listening");
    Ok(axum::serve(listener, app).await?)
}
