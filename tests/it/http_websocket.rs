//! A WebSocket keeps the context of the request that opened it.

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use futures::{SinkExt as _, StreamExt as _};
use propagate_context::http::ContextLayer;
use propagate_context::{Context, REQUEST_ID, RequestId, context_entry, inject, propagate_context};
use std::net::SocketAddr;
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tracing::info;

use crate::support::wire::{Log, id, serve};

/// Logs a line when it is dropped.
struct Last;

impl Drop for Last {
    fn drop(&mut self) {
        info!("dropped");
    }
}

/// Responds to each message with the id.
async fn chat(mut socket: WebSocket) {
    let _last = Last;
    while let Some(Ok(Message::Text(_))) = socket.recv().await {
        socket.send(Message::text(id())).await.unwrap();
    }
}

#[propagate_context]
async fn annotated(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(|socket| chat(socket))
}

#[context_entry]
async fn entry(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(move |socket| async move { chat(socket).await })
}

/// Without the attribute.
async fn by_hand(ws: WebSocketUpgrade) -> Response {
    let context = Context::current();
    ws.on_upgrade(move |socket| context.scope(chat(socket)))
}

/// As in the first example of axum's documentation.
#[propagate_context]
async fn named(ws: WebSocketUpgrade) -> Response {
    ws.on_upgrade(chat)
}

/// Sends two messages to `path` in a scope of the client, and returns the responses.
async fn answers(address: SocketAddr, path: &str) -> Vec<String> {
    let own = RequestId::try_from("socket-7").unwrap();
    let talk = async {
        let mut request = format!("ws://{address}{path}")
            .into_client_request()
            .unwrap();
        inject(request.headers_mut());
        let stream = TcpStream::connect(address).await.unwrap();
        let (mut socket, response) = client_async(request, stream).await.unwrap();
        assert_eq!(response.headers()["x-request-id"], "socket-7");
        let mut answers = Vec::new();
        for _ in 0..2 {
            socket.send(tungstenite::Message::text("?")).await.unwrap();
            let answer = socket.next().await.unwrap().unwrap();
            answers.push(answer.into_text().unwrap().to_string());
        }
        socket.close(None).await.unwrap();
        // The server closes its end after its task is done.
        while socket.next().await.is_some() {}
        answers
    };
    REQUEST_ID.scope(own, talk).await
}

#[tokio::test]
async fn the_socket_has_the_id_of_its_request() {
    let log = Log::capture();
    let layered = Router::new()
        .route("/annotated", get(annotated))
        .route("/entry", get(entry))
        .route("/by_hand", get(by_hand))
        .layer(ContextLayer::new());
    let layered = serve(layered).await;
    let bare = serve(Router::new().route("/entry", get(entry))).await;
    for (address, path) in [
        (layered, "/annotated"),
        (layered, "/entry"),
        (layered, "/by_hand"),
        (bare, "/entry"),
    ] {
        assert_eq!(
            answers(address, path).await,
            ["socket-7", "socket-7"],
            "{path}"
        );
        let lines = log.take();
        assert_eq!(lines.len(), 1, "{path}: {lines:#?}");
        assert_eq!(lines[0].id().as_deref(), Some("socket-7"), "{path}");
    }
}

#[tokio::test]
async fn a_named_function_has_the_id_too() {
    let app = Router::new()
        .route("/named", get(named))
        .layer(ContextLayer::new());
    assert_eq!(
        answers(serve(app).await, "/named").await,
        ["socket-7", "socket-7"]
    );
}
