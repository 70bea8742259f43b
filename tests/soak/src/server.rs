//! The server: each request logs from its handler, a task, a blocking task, a thread of a pool, its body and a destructor.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::response::Response;
use axum::routing::get;
use futures::StreamExt;
use propagate_context::http::ContextLayer;
use propagate_context::{REQUEST_ID, propagate_context};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Returns after `stop`, when all connections have been closed.
pub(crate) async fn serve(listener: TcpListener, stop: oneshot::Receiver<()>) {
    let app = Router::new()
        .route("/job/{sent}", get(work))
        .route("/panic/{sent}", get(panics))
        .layer(ContextLayer::new());
    let stopped = async { _ = stop.await };
    axum::serve(listener, app)
        .with_graceful_shutdown(stopped)
        .await
        .expect("the server runs");
}

/// Logs when it is dropped.
struct Logs(String, &'static str);

impl Drop for Logs {
    fn drop(&mut self) {
        tracing::info!(sent = self.0, place = self.1, "dropped");
    }
}

#[propagate_context]
async fn work(Path(sent): Path<String>) -> Response {
    let _logs = Logs(sent.clone(), "handler");
    tracing::info!(sent, place = "handler", "begins");
    let (a, b, c) = (sent.clone(), sent.clone(), sent.clone());
    let task = tokio::spawn(async move {
        tokio::task::yield_now().await;
        tracing::info!(sent = a, place = "task", "works");
    });
    let blocking =
        tokio::task::spawn_blocking(move || tracing::info!(sent = b, place = "blocking", "works"));
    let _joined = tokio::join!(task, blocking, beneath(c));
    let id = REQUEST_ID
        .get()
        .map(|id| id.to_string())
        .unwrap_or_default();
    let logs = Logs(sent.clone(), "body");
    let chunks = futures::stream::iter(0..8).then(move |number| {
        let (sent, id) = (logs.0.clone(), id.clone());
        async move {
            tokio::task::yield_now().await;
            tracing::info!(sent, place = "body", number, "chunk");
            Ok::<_, Infallible>(Bytes::from(format!("{id}\n")))
        }
    });
    Response::new(Body::from_stream(chunks))
}

#[propagate_context]
async fn beneath(sent: String) {
    tokio::task::yield_now().await;
    tracing::info!(sent, place = "beneath", "works");
}

#[propagate_context]
async fn panics(Path(sent): Path<String>) -> Response {
    let _logs = Logs(sent.clone(), "panic");
    tokio::task::yield_now().await;
    std::panic::resume_unwind(Box::new("on purpose"));
}
