//! If redirects are followed outside of the layer, the headers are never sent to a host that must not receive them.

use std::net::SocketAddr;

use axum::Router;
use axum::http::{HeaderMap, Uri};
use axum::response::Redirect;
use axum::routing::any;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use propagate_context::http::ClientLayer;
use propagate_context::{Context, ContextVar, REQUEST_ID};
use tower::{ServiceBuilder, ServiceExt as _};
use tower_http::follow_redirect::FollowRedirectLayer;

use crate::support::wire::serve;

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

/// Accepts only the first host. The other host is the same machine under another name.
fn ours(uri: &Uri) -> bool {
    uri.host() == Some("127.0.0.1")
}

fn seen(headers: &HeaderMap) -> String {
    ["x-request-id", "x-tenant"]
        .map(|name| {
            headers
                .get(name)
                .map_or("-", |value| value.to_str().unwrap())
        })
        .join(" ")
}

/// Returns the port of the host, which HTTP/2 has in the URI.
fn port(headers: &HeaderMap, uri: &Uri) -> u16 {
    let host = headers.get("host").map(|host| host.to_str().unwrap());
    let host = host.or(uri.authority().map(http::uri::Authority::as_str));
    host.unwrap().rsplit(':').next().unwrap().parse().unwrap()
}

/// `/` redirects to the other host, which redirects back. Each host returns the headers that it received.
async fn hosts() -> SocketAddr {
    let first = async |headers: HeaderMap, uri: Uri| {
        let port = port(&headers, &uri);
        Redirect::temporary(&format!(
            "http://localhost:{port}/other?ours={}",
            seen(&headers).replace(' ', "+")
        ))
    };
    let other = async |headers: HeaderMap, uri: Uri| {
        let port = port(&headers, &uri);
        Redirect::temporary(&format!(
            "http://127.0.0.1:{port}/back?{}&other={}",
            uri.query().unwrap(),
            seen(&headers).replace(' ', "+")
        ))
    };
    let back = async |headers: HeaderMap, uri: Uri| {
        format!(
            "{}&back={}",
            uri.query().unwrap(),
            seen(&headers).replace(' ', "+")
        )
    };
    let app = Router::new()
        .route("/", any(first))
        .route("/other", any(other))
        .route("/back", any(back));
    serve(app).await
}

const EXPECTED: &str = "ours=order-7+acme&other=-+-&back=order-7+acme";

fn context() -> Context {
    Context::empty()
        .with(&REQUEST_ID, "order-7".parse().unwrap())
        .with(&TENANT, "acme".to_owned())
}

#[tokio::test]
async fn with_hyper_over_http1_and_http2() {
    for http2 in [false, true] {
        let client = Client::builder(TokioExecutor::new())
            .http2_only(http2)
            .build_http::<String>();
        let client = ServiceBuilder::new()
            .layer(FollowRedirectLayer::new())
            .layer(ClientLayer::new().only(ours))
            .service(client);
        let url = format!("http://{}/", hosts().await);
        let request = || http::Request::get(&url).body(String::new()).unwrap();
        let response = context()
            .scope(client.clone().oneshot(request()))
            .await
            .unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, EXPECTED, "HTTP/2: {http2}");
    }
}

/// reqwest's own redirects are turned off.
#[tokio::test]
async fn with_reqwest_inside_the_layer() {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let client = ServiceBuilder::new()
        .layer(FollowRedirectLayer::new())
        .layer(ClientLayer::new().only(ours))
        .filter(|request: http::Request<String>| reqwest::Request::try_from(request))
        .map_response(http::Response::<reqwest::Body>::from)
        .service(client);
    let request = http::Request::get(format!("http://{}/", hosts().await))
        .body(String::new())
        .unwrap();
    let response = context().scope(client.oneshot(request)).await.unwrap();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, EXPECTED);
}
