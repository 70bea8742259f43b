//! A server whose responses show the places where code can read the request id.
//!
//! ```console
//! $ cargo run --example server                # or PORT=8080 cargo run --example server
//! $ curl -i -H 'X-Request-ID: r-17' http://127.0.0.1:3000/echo
//! ```
//!
//! ```text
//! HTTP/1.1 200 OK
//! content-type: application/json
//! x-request-id: r-17
//!
//! {"request_id":"r-17","seen":{"await":"r-17","closure":"r-17","join_set":"r-17","rayon":"r-17","spawn":"r-17","spawn_blocking":"r-17","thread":"r-17"}}
//! ```
//!
//! Each value is the result of `REQUEST_ID.get()` at that place, or `null` if the id was lost. The other routes show
//! what the layer covers besides handlers:
//!
//! | route | response |
//! | --- | --- |
//! | `GET /stream` | three lines, each with the id that was read while the body was polled |
//! | `GET /panic` | 500, with the id |
//! | `POST /json` | the posted value, or the 4xx response of its extractor, with the id |
//! | any other route | 404, with the id |
//!
//! The server logs JSON lines to the standard output, and runs until it is interrupted.

use std::convert::Infallible;
use std::env::{self, VarError};
use std::error::Error;
use std::process::ExitCode;
use std::thread;

use axum::body::Body;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::{StreamExt, stream};
use propagate_context::http::ContextLayer;
use propagate_context::{REQUEST_ID, context_entry};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{self, JoinSet};
use tracing::info;

/// Reads the id in the context of the caller, and logs a line.
fn read(place: &str) -> Option<String> {
    info!(place, "reading the request id");
    REQUEST_ID.get().map(|id| id.to_string())
}

#[context_entry(header = "X-Request-ID")]
async fn echo() -> Json<Value> {
    let request_id = read("handler");

    task::yield_now().await;
    let r#await = read("await");

    let spawn = tokio::spawn(async { read("spawn") });
    let spawn_blocking = task::spawn_blocking(|| read("spawn_blocking"));

    let (send, thread) = oneshot::channel();
    thread::spawn(move || send.send(read("thread")));

    let (send, rayon) = oneshot::channel();
    rayon::spawn(move || {
        _ = send.send(read("rayon"));
    });

    let mut join_set = JoinSet::new();
    join_set.spawn(async { read("join_set") });

    // An annotated closure inherits the context, regardless of the function that it is passed to.
    let (send, closure) = oneshot::channel();
    elsewhere(
        #[propagate_context]
        move || _ = send.send(read("closure")),
    );

    Json(json!({
        "request_id": request_id,
        "seen": {
            "await": r#await,
            "spawn": spawn.await.ok().flatten(),
            "spawn_blocking": spawn_blocking.await.ok().flatten(),
            "thread": thread.await.ok().flatten(),
            "rayon": rayon.await.ok().flatten(),
            "join_set": join_set.join_next().await.and_then(Result::ok).flatten(),
            "closure": closure.await.ok().flatten(),
        },
    }))
}

/// Runs a closure on another thread, without an attribute.
fn elsewhere(job: impl FnOnce() + Send + 'static) {
    thread::spawn(job);
}

/// Returns a body that the server polls after the handler has returned.
async fn chunks() -> Body {
    let chunks = stream::iter(0..3).then(async |chunk| {
        task::yield_now().await;
        let line = json!({ "chunk": chunk, "request_id": read("stream") });
        Ok::<_, Infallible>(format!("{line}\n"))
    });
    Body::from_stream(chunks)
}

async fn panics() -> &'static str {
    info!("about to panic");
    panic!("requested by `GET /panic`")
}

async fn posted(Json(posted): Json<Value>) -> Json<Value> {
    Json(json!({ "request_id": read("handler"), "posted": posted }))
}

fn app() -> Router {
    Router::new()
        .route("/echo", get(echo))
        .route("/stream", get(chunks))
        .route("/panic", get(panics))
        .route("/json", post(posted))
        // The last layer, so that it covers all routes and the 404s.
        .layer(ContextLayer::new())
}

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .map_event_format(propagate_context::tracing::with_context)
        .init();

    let port: u16 = match env::var("PORT") {
        Ok(port) => port
            .parse()
            .map_err(|_| format!("`PORT={port}` is not a port: use a number up to 65535"))?,
        Err(VarError::NotPresent) => 3000,
        Err(error) => return Err(error.into()),
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    info!(address = %listener.local_addr()?, "listening");
    axum::serve(listener, app())
        .with_graceful_shutdown(async {
            _ = tokio::signal::ctrl_c().await;
        })
        .await?;
    Ok(())
}
