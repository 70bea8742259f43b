//! Places orders: asks the gateway for the price, and leaves the packing to the worker.

use async_nats::jetstream::{self, stream};
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use propagate_context::http::ContextLayer;
use propagate_context::inject;
use shop::{CUSTOMER, Failure, Headers, Order, STREAM, SUBJECT, client, fetch, log, setting};
use tokio::net::TcpListener;
use tracing::{error, info};

#[derive(Clone)]
struct Shop {
    jobs: jetstream::Context,
    gateway: String,
}

async fn order(
    State(shop): State<Shop>,
    Json(order): Json<Order>,
) -> Result<Json<Order>, StatusCode> {
    info!(item = order.item, "placing an order");
    shop.place(order).await.map(Json).map_err(|failure| {
        error!(%failure, "the order was not placed");
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

impl Shop {
    async fn place(&self, mut order: Order) -> Result<Order, Failure> {
        let request = Request::get(format!("http://{}/prices/{}", self.gateway, order.item))
            .body(Body::empty())?;
        order.price = fetch(client(), request).await?;

        let mut headers = Headers::default();
        inject(&mut headers);
        let stored = self
            .jobs
            .publish_with_headers(SUBJECT, headers.0, serde_json::to_vec(&order)?.into())
            .await?;
        let stored = stored.await?;
        info!(
            price = order.price,
            job = stored.sequence,
            "queued for packing"
        );
        Ok(order)
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    log();
    let jobs = jetstream::new(async_nats::connect(setting("NATS", "127.0.0.1:18222")).await?);
    let stream = stream::Config {
        name: STREAM.to_owned(),
        subjects: vec![SUBJECT.to_owned()],
        ..Default::default()
    };
    jobs.get_or_create_stream(stream).await?;

    let shop = Shop {
        jobs,
        gateway: setting("GATEWAY", "127.0.0.1:18080"),
    };
    let app = Router::new()
        .route("/orders", post(order))
        .with_state(shop)
        .layer(ContextLayer::new().entry(&CUSTOMER));
    let listener = TcpListener::bind(setting("LISTEN", "127.0.0.1:18081")).await?;
    info!(address = %listener.local_addr()?, "listening");
    Ok(axum::serve(listener, app).await?)
}
