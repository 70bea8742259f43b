//! The order service: reserves the item at the gateway, and sends a job to the worker.
//!
//! Shows [`context_entry`] on one handler, instead of a layer for the application, and [`inject`] into the headers of a
//! NATS message. The request id is sent twice: over HTTP and over NATS.

use async_nats::HeaderMap;
use async_nats::jetstream;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use propagate_context::{context_entry, inject, propagate_context};
use shop::{Client, Error, NatsHeaders, Order, SUBJECT, TENANT, serve, setting};
use tracing::{error, info};

#[derive(Clone)]
struct Orders {
    gateway: Client,
    jobs: jetstream::Context,
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    shop::log();
    let orders = Orders {
        gateway: Client::of(setting("GATEWAY")?),
        jobs: shop::connect(&setting("NATS")?).await?,
    };
    let app = Router::new()
        .route("/orders", post(place))
        .with_state(orders);
    serve(&setting("ORDERS")?, app).await
}

/// Handles an order from the gateway.
#[context_entry(header = "X-Request-ID", vars = [TENANT])]
async fn place(
    State(orders): State<Orders>,
    Json(order): Json<Order>,
) -> Result<StatusCode, StatusCode> {
    info!(order = order.number, "placing");
    // A separate task, which inherits the context, places the order even if the gateway disconnects.
    let placed = tokio::spawn(async move {
        let placed = orders.reserve_and_pack(&order).await;
        match &placed {
            Ok(()) => info!(order = order.number, "placed"),
            Err(error) => error!(order = order.number, error, "not placed"),
        }
        placed.is_ok()
    });
    match placed.await {
        Ok(true) => Ok(StatusCode::CREATED),
        _ => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}

impl Orders {
    #[propagate_context]
    async fn reserve_and_pack(&self, order: &Order) -> Result<(), Error> {
        self.gateway.post("/reservations", order).await?;

        let mut headers = HeaderMap::new();
        inject(&mut NatsHeaders(&mut headers));
        let job = serde_json::to_vec(order)?;
        let sent = self.jobs.publish_with_headers(SUBJECT, headers, job.into());
        // The second await waits until the stream has stored the job.
        sent.await?.await?;
        Ok(())
    }
}
