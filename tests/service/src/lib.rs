//! A shop: it accepts an order, charges it in a task, renders a picture on a thread, and has a worker send a mail.

use axum::Router;
use axum::routing::post;
use propagate_context::http::ContextLayer;
use propagate_context::{ContextVar, field, propagate_context};
use tracing::info;

/// The tenant that a request is made for.
pub static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("X-Tenant");

/// The service.
pub fn app() -> Router {
    Router::new()
        .route("/orders", post(order))
        .layer(ContextLayer::new().extract(&TENANT))
}

async fn order() -> String {
    place(3).await
}

/// Places an order, and returns its tenant.
#[propagate_context]
pub async fn place(items: u32) -> String {
    field("items", items);
    info!(items, "placed");
    tokio::spawn(async { info!("charged") })
        .await
        .expect("it does not panic");
    tokio::task::spawn_blocking(|| info!("packed"))
        .await
        .expect("it does not panic");
    std::thread::spawn(|| info!("pictured"))
        .join()
        .expect("it does not panic");
    TENANT.get().unwrap_or_default()
}

/// Loses the context: this function has no attribute.
pub async fn place_and_forget() {
    tokio::spawn(async { info!("forgotten") })
        .await
        .expect("it does not panic");
}
