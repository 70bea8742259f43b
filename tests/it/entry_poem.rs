//! poem: handlers with `#[context_entry]` over a socket.

use std::net::SocketAddr;

use futures::stream;
use poem::listener::TcpAcceptor;
use poem::web::Query;
use poem::{
    Body, Endpoint as _, EndpointExt as _, IntoEndpoint, Request, Response, Route, Server, get,
    handler,
};
use propagate_context::{ContextVar, context_entry};

use crate::support::wire::{get as fetch, id};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

#[context_entry(header = "X-Request-ID")]
#[handler]
async fn plain(query: Query<Vec<(String, String)>>) -> String {
    let spawned = tokio::spawn(async { id() }).await.unwrap();
    format!("{} {spawned} {}", id(), query.len())
}

#[context_entry(header = "X-Request-ID", vars = [TENANT])]
#[handler]
async fn with_request(request: &Request) -> Response {
    format!(
        "{} {} {}",
        id(),
        request.uri(),
        TENANT.get().unwrap_or_default()
    )
    .into()
}

#[derive(Debug)]
struct Failed;

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("failed")
    }
}

impl std::error::Error for Failed {}

impl poem::error::ResponseError for Failed {
    fn status(&self) -> http::StatusCode {
        http::StatusCode::IM_A_TEAPOT
    }
}

#[context_entry(header = "X-Request-ID")]
#[handler]
async fn failing(query: Query<Vec<(String, String)>>) -> Result<String, Failed> {
    if query.is_empty() {
        return Err(Failed);
    }
    Ok(id())
}

#[context_entry(header = "X-Request-ID", required)]
#[handler]
async fn requires() -> poem::Result<String> {
    Ok(id())
}

#[context_entry(header = "X-Request-ID")]
#[handler]
async fn streaming() -> Body {
    Body::from_bytes_stream(stream::once(async {
        tokio::task::yield_now().await;
        Ok::<_, std::io::Error>(id())
    }))
}

pub(crate) async fn serve(
    app: impl IntoEndpoint<Endpoint: 'static> + Send + 'static,
) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
    tokio::spawn(async move { Server::new_with_acceptor(acceptor).run(app).await });
    address
}

#[tokio::test]
async fn handlers() {
    let app = Route::new()
        .at("/plain", get(plain))
        .at("/with_request", get(with_request))
        .at("/failing", get(failing))
        .at("/requires", get(requires))
        .at("/streaming", get(streaming))
        .around(
            async |endpoint, request| match endpoint.call(request).await {
                Ok(response) => Ok(response),
                Err(error) => {
                    let mut response = error.into_response();
                    response
                        .headers_mut()
                        .insert("x-error", http::HeaderValue::from_static("seen"));
                    Ok(response)
                }
            },
        );
    let address = serve(app).await;
    for (path, status, body) in [
        ("/plain?a=b", 200, "ID ID 1"),
        ("/with_request", 200, "ID /with_request acme"),
        ("/failing", 418, "failed"),
        ("/failing?a=b", 200, "ID"),
        ("/requires", 200, "ID"),
        ("/streaming", 200, "ID"),
    ] {
        let answer = fetch(
            address,
            path,
            &[("x-request-id", b"order-7"), ("x-tenant", b"acme")],
        )
        .await;
        assert_eq!((answer.status, answer.id()), (status, "order-7"), "{path}");
        // A body that had a known length still has it.
        let lengths = answer.all("content-length").len();
        assert_eq!(lengths, usize::from(path != "/streaming"), "{path}");
        // A middleware that looks for errors finds the error of the handler.
        assert_eq!(
            answer.all("x-error").len(),
            usize::from(status == 418),
            "{path}"
        );
        assert!(
            answer.body.contains(&body.replace("ID", "order-7")),
            "{path}: {}",
            answer.body
        );
    }
    assert_eq!(
        fetch(address, "/plain", &[("x-request-id", b"not valid")])
            .await
            .id()
            .len(),
        36
    );
    let answer = fetch(address, "/requires", &[]).await;
    assert_eq!(
        (answer.status, &answer.all("content-type")[..]),
        (400, &["application/problem+json"][..])
    );
}
