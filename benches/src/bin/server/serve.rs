//! The server: one handler that answers a line, and, but for the bare one, logs one.

use std::io;
use std::sync::Arc;

use axum::extract::Request;
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

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nothing,
    Lines,
    Ours,
    TowerHttp,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Nothing, Self::Lines, Self::Ours, Self::TowerHttp];

    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Lines => "lines",
            Self::Ours => "ours",
            Self::TowerHttp => "tower-http",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Lines => "JSON logs, no id",
            Self::Ours => "`ContextLayer`, JSON logs",
            Self::TowerHttp => "tower-http request id, `TraceLayer`, `#[instrument]`, JSON logs",
        }
    }

    fn router(self) -> Router {
        let id = || HeaderName::from_static("x-request-id");
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
            Self::TowerHttp => {
                tracing_subscriber::fmt()
                    .json()
                    .with_writer(io::sink)
                    .init();
                let span = |request: &Request| {
                    let id = request.extensions().get::<RequestId>();
                    let id = id.and_then(|id| id.header_value().to_str().ok());
                    info_span!("request", request_id = id)
                };
                Router::new()
                    .route("/", get(instrumented))
                    .layer(PropagateRequestIdLayer::new(id()))
                    .layer(TraceLayer::new_for_http().make_span_with(span))
                    .layer(SetRequestIdLayer::new(id(), MakeRequestUuid))
            }
        }
    }
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

/// Serves until the process is ended; prints its port first.
#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
pub(crate) async fn run(kind: Kind) -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    let meter = Arc::new(memory::Meter::start());
    let count = move || std::future::ready(meter.allocations().to_string());
    let router = kind.router().route("/allocations", get(count));
    axum::serve(listener, router).await
}
