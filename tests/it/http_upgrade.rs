//! HTTP/2 and upgraded connections keep the scope.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use http_body_util::BodyExt as _;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use propagate_context::http::{ClientLayer, ContextLayer};
use propagate_context::{REQUEST_ID, RequestId, propagate_context};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::{Layer as _, ServiceExt as _};

use crate::support::wire::{id, serve};

/// Responds to each byte with the id, after the handler has returned.
#[propagate_context]
async fn upgrades(mut request: Request) -> Response {
    let upgrade = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut stream = TokioIo::new(upgrade.await.unwrap());
        while stream.read_u8().await.is_ok() {
            stream
                .write_all(format!("{};", id()).as_bytes())
                .await
                .unwrap();
        }
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "echo")
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn an_upgraded_connection_keeps_its_id() {
    let address = serve(
        Router::new()
            .route("/", get(upgrades))
            .layer(ContextLayer::new()),
    )
    .await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = "GET / HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: echo\r\nx-request-id: up\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    let head = String::from_utf8(head).unwrap();
    assert!(
        head.starts_with("HTTP/1.1 101 ") && head.contains("x-request-id: up\r\n"),
        "{head}"
    );
    for _ in 0..2 {
        stream.write_all(b"?").await.unwrap();
        let mut answer = [0; 3];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"up;");
    }
}

/// Many concurrent requests on one connection, through both layers.
#[tokio::test]
async fn requests_on_one_connection_have_their_own_ids() {
    let handler = async || {
        tokio::task::yield_now().await;
        id()
    };
    let address = serve(
        Router::new()
            .route("/", get(handler))
            .layer(ContextLayer::new()),
    )
    .await;
    let client = Client::builder(TokioExecutor::new())
        .http2_only(true)
        .build_http::<Body>();
    let client = ClientLayer::new().layer(client);
    let requests = (0..50).map(|n| {
        let client = client.clone();
        let request = axum::http::Request::get(format!("http://{address}/"))
            .body(Body::empty())
            .unwrap();
        let own = RequestId::try_from(&*format!("request-{n}")).unwrap();
        REQUEST_ID.scope(own, async move {
            let response = client.oneshot(request).await.unwrap();
            assert_eq!(response.version(), axum::http::Version::HTTP_2);
            let echoed = response.headers()["x-request-id"]
                .to_str()
                .unwrap()
                .to_owned();
            let body = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!((echoed, &body[..]), (id(), id().as_bytes()));
        })
    });
    futures::future::join_all(requests).await;
}
