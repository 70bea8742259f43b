//! The servers: one handler that responds with a line of text, and logs a line, except in the bare server.

use std::io;
use std::sync::Arc;

use axum::extract::Request;
use axum::middleware::from_fn;
use axum::routing::get;
use axum::{Router, http::HeaderName};
use propagate_context::{http::ContextLayer, propagate_context, tracing::with_context};
use propagate_context_benches::memory;
use tokio::net::TcpListener;
use tower_http::request_id::{
    MakeRequestUuid, PropagateRequestIdLayer, RequestId, SetRequestIdLayer,
};
use tower_http::trace::TraceLayer;
use tracing::{info, info_span, instrument};

use crate::handwritten;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nothing,
    Lines,
    Ours,
    Handwritten,
    TowerHttp,
    TowerHttpFlat,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Nothing,
        Self::Lines,
        Self::Ours,
        Self::Handwritten,
        Self::TowerHttp,
        Self::TowerHttpFlat,
    ];

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Lines => "lines",
            Self::Ours => "ours",
            Self::Handwritten => "handwritten",
            Self::TowerHttp => "tower-http",
            Self::TowerHttpFlat => "tower-http-flat",
        }
    }

    fn router(self) -> Router {
        match self {
            Self::Nothing => Router::new().route("/", get(bare)),
            Self::Lines => {
                tracing_subscriber::fmt()
                    .json()
                    .with_writer(io::sink)
                    .init();
                Router::new().route("/", get(logged))
            }
            Self::Ours => {
                tracing_subscriber::fmt()
                    .json()
                    .map_event_format(with_context)
                    .with_writer(io::sink)
                    .init();
                Router::new()
                    .route("/", get(annotated))
                    .layer(ContextLayer::new())
            }
            Self::Handwritten => {
                tracing_subscriber::fmt()
                    .json()
                    .map_event_format(handwritten::WithId)
                    .with_writer(io::sink)
                    .init();
                Router::new()
                    .route("/", get(logged))
                    .layer(from_fn(handwritten::request_id))
            }
            Self::TowerHttp | Self::TowerHttpFlat => {
                tracing_subscriber::fmt()
                    .json()
                    .with_span_list(self == Self::TowerHttp)
                    .with_writer(io::sink)
                    .init();
                traced()
            }
        }
    }
}

fn traced() -> Router {
    let header = || HeaderName::from_static("x-request-id");
    let span = |request: &Request| {
        let id = request.extensions().get::<RequestId>();
        let id = id.and_then(|id| id.header_value().to_str().ok());
        info_span!("request", request_id = id)
    };
    Router::new()
        .route("/", get(instrumented))
        .layer(PropagateRequestIdLayer::new(header()))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(SetRequestIdLayer::new(header(), MakeRequestUuid))
}

async fn bare() -> &'static str {
    "hello"
}

async fn logged() -> &'static str {
    info!("served");
    "hello"
}

#[propagate_context]
async fn annotated() -> &'static str {
    info!("served");
    "hello"
}

#[instrument]
async fn instrumented() -> &'static str {
    info!("served");
    "hello"
}

/// Prints its port, then serves until the process is killed.
#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
pub(crate) async fn run(kind: Kind) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let meter = Arc::new(memory::Meter::start());
    let count = move || std::future::ready(meter.allocations().to_string());
    let router = kind.router().route("/allocations", get(count));
    axum::serve(listener, router).await
}
