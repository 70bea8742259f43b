//! If redirects are followed outside of the layer, the headers are never sent to a host that must not receive them.

use std::cell::Cell;
use std::convert::Infallible;
use std::future::ready;
use std::net::SocketAddr;
use std::rc::Rc;

use axum::Router;
use axum::http::{HeaderMap, Uri};
use axum::response::Redirect;
use axum::routing::any;
use http_body_util::BodyExt;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use propagate_context::http::{ClientLayer, outbound_headers};
use propagate_context::{Context, ContextVar, REQUEST_ID};
use propagate_context_tests::Seen;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};
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

/// As the guide has it for clients that are not behind a layer: they are given the response that redirects.
#[tokio::test]
async fn with_reqwest_and_headers_of_the_context() {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let url = format!("http://{}/", hosts().await);
    let request = context().sync_scope(|| client.get(url).headers(outbound_headers()));
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 307);
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.ends_with("/other?ours=order-7+acme"), "{location}");
}

/// What a server may name, and where that leads, if anywhere. The host that may see our headers is `ours.test`.
const LOCATIONS: [(&str, Option<&str>); 36] = [
    ("http://other.test/", Some("http://other.test/")),
    ("http://OTHER.TEST/", Some("http://other.test/")),
    ("http://other.test:80/", Some("http://other.test/")),
    ("https://other.test/", Some("https://other.test/")),
    ("//other.test/", Some("http://other.test/")),
    ("///other.test/", None),
    ("/\\other.test/", Some("http://other.test/")),
    ("\\\\other.test\\", Some("http://other.test/")),
    ("http:\\\\other.test", Some("http://other.test/")),
    ("  http://other.test/ ", Some("http://other.test/")),
    ("ht\ttp://oth\ter.test/", Some("http://other.test/")),
    // Users, paths, queries and fragments that look like the host.
    ("http://user@other.test/", Some("http://user@other.test/")),
    (
        "http://ours.test@other.test/",
        Some("http://ours.test@other.test/"),
    ),
    (
        "http://ours.test:80@other.test/",
        Some("http://ours.test:80@other.test/"),
    ),
    (
        "http://ours.test%2f@other.test/",
        Some("http://ours.test%2f@other.test/"),
    ),
    ("http://a@b@other.test/", Some("http://a%40b@other.test/")),
    (
        "http://other.test\\@ours.test/",
        Some("http://other.test/@ours.test/"),
    ),
    (
        "http://other.test/@ours.test",
        Some("http://other.test/@ours.test"),
    ),
    (
        "http://other.test?@ours.test",
        Some("http://other.test/?@ours.test"),
    ),
    ("http://other.test#@ours.test", Some("http://other.test/")),
    // Hosts that begin or end like it.
    (
        "http://ours.test.other.test/",
        Some("http://ours.test.other.test/"),
    ),
    ("http://ours.test./", Some("http://ours.test./")),
    ("http://notours.test/", Some("http://notours.test/")),
    ("http://127.0.0.1/", Some("http://127.0.0.1/")),
    ("http://2130706433/", Some("http://127.0.0.1/")),
    ("http://0x7f.1/", Some("http://127.0.0.1/")),
    ("http://[::1]:80/", Some("http://[::1]/")),
    ("http://[::ffff:7f00:1]/", Some("http://[::ffff:7f00:1]/")),
    ("http://ours.test%00.other.test/", None),
    ("http://ours.test:99999/", None),
    // It itself.
    ("/path", Some("http://ours.test/path")),
    ("", Some("http://ours.test/first")),
    ("http:other.test", Some("http://ours.test/other.test")),
    ("HTTP://OURS.TEST/", Some("http://ours.test/")),
    (
        "https://user@ours.test:8443/",
        Some("https://user@ours.test:8443/"),
    ),
    ("http://ou%72s.test/", Some("http://ours.test/")),
];

#[tokio::test]
async fn by_every_form_of_a_location() {
    for status in [301, 302, 303, 307, 308] {
        for (location, expected) in LOCATIONS {
            let hops = Seen::default();
            let note = hops.clone();
            let redirect = Rc::new(Cell::new(Some(location)));
            let client = service_fn(move |request: http::Request<String>| {
                note.note((request.uri().to_string(), seen(request.headers())));
                let response = http::Response::builder();
                let response = match redirect.take() {
                    Some(location) => response.status(status).header("location", location),
                    None => response,
                };
                ready(Ok::<_, Infallible>(response.body(String::new()).unwrap()))
            });
            let client = ServiceBuilder::new()
                .layer(FollowRedirectLayer::new())
                .layer(ClientLayer::new().only(|uri| uri.host() == Some("ours.test")))
                .service(client);
            let request = http::Request::get("http://ours.test/first");
            let request = request.body(String::new()).unwrap();
            context().scope(client.oneshot(request)).await.unwrap();

            let whole = "order-7 acme".to_owned();
            let mut all = vec![("http://ours.test/first".to_owned(), whole.clone())];
            all.extend(expected.map(|uri| {
                let ours = reqwest::Url::parse(uri).unwrap().host_str() == Some("ours.test");
                (uri.to_owned(), if ours { whole } else { "- -".to_owned() })
            }));
            assert_eq!(hops.take(), all, "{status} to {location:?}");
        }
    }
}
