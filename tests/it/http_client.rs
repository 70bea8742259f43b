//! Outgoing requests contain the declared variables and nothing else, and only for selected hosts.

use std::convert::Infallible;

use axum::Router;
use axum::http::{HeaderMap, Request};
use axum::routing::get;
use propagate_context::http::{ClientLayer, ContextClient, ContextLayer, outbound_headers};
use propagate_context::{ContextVar, REQUEST_ID, RequestId, context_entry, propagate_context};
use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};

use crate::support::wire::{get as ask, serve};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("X-Tenant");
static REGION: ContextVar<String> = ContextVar::new("region").baggage("region");
static SECRET: ContextVar<String> = ContextVar::new("secret").logged();
static PRIVATE: ContextVar<String> = ContextVar::new("private").header("x-private").task_only();

/// A client that returns the headers that it would send.
async fn sent(layer: ClientLayer, request: Request<()>) -> HeaderMap {
    let client = layer.layer(service_fn(async |request: Request<()>| {
        Ok::<_, Infallible>(request.into_parts().0.headers)
    }));
    client.oneshot(request).await.unwrap()
}

fn text(headers: &HeaderMap) -> Vec<String> {
    let mut all: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}={}", value.to_str().unwrap()))
        .collect();
    all.sort();
    all
}

#[context_entry(carrier = headers, vars = [TENANT, REGION])]
async fn in_a_request<F: Future>(headers: HeaderMap, call: impl FnOnce() -> F) -> F::Output {
    let _ = headers;
    SECRET.set("hush".to_owned());
    PRIVATE.set("mine".to_owned());
    call().await
}

fn brought() -> HeaderMap {
    let mut headers = outbound_headers();
    for (name, value) in [
        ("x-request-id", "a"),
        ("x-tenant", "acme"),
        ("baggage", "region=eu"),
        ("x-other", "b"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    headers
}

fn to(uri: &str) -> Request<()> {
    Request::builder().uri(uri).body(()).unwrap()
}

#[tokio::test]
async fn only_declared_variables_are_sent() {
    let headers = in_a_request(brought(), || {
        sent(ClientLayer::new(), to("http://stock.internal/"))
    })
    .await;
    assert_eq!(
        text(&headers),
        ["baggage=region=eu", "x-request-id=a", "x-tenant=acme"]
    );
    assert_eq!(text(&sent(ClientLayer::new(), to("/")).await), [""; 0]);
    assert!(outbound_headers().is_empty());
}

#[tokio::test]
async fn hosts_can_be_restricted() {
    let ours = || ClientLayer::new().only(|uri| uri.host() == Some("stock.internal"));
    let headers = in_a_request(brought(), || sent(ours(), to("http://stock.internal/"))).await;
    assert_eq!(headers.len(), 3);
    let headers = in_a_request(brought(), || sent(ours(), to("http://third.party/"))).await;
    assert!(headers.is_empty());

    // Without the layer.
    let client =
        service_fn(async |request: Request<()>| Ok::<_, Infallible>(request.headers().len()));
    let client = ContextClient::new(client).only(|uri| uri.host() == Some("stock.internal"));
    let sent = async |uri| client.clone().oneshot(to(uri)).await.unwrap();
    let counts = in_a_request(brought(), async || {
        (
            sent("http://stock.internal/").await,
            sent("http://third.party/").await,
        )
    });
    assert_eq!(counts.await, (3, 0));
}

#[tokio::test]
async fn headers_set_by_the_caller_are_kept() {
    let mut request = to("/");
    request
        .headers_mut()
        .insert("x-request-id", "explicit".parse().unwrap());
    request
        .headers_mut()
        .insert("baggage", "other=1;kept,region=us".parse().unwrap());
    let headers = in_a_request(brought(), || sent(ClientLayer::new(), request)).await;
    assert_eq!(
        text(&headers),
        [
            "baggage=other=1;kept,region=us",
            "x-request-id=explicit",
            "x-tenant=acme"
        ]
    );
}

/// The second attempt is a copy of the first, and is sent where another context may be current.
#[tokio::test]
async fn a_retry_keeps_the_id() {
    let first = in_a_request(brought(), || sent(ClientLayer::new(), to("/"))).await;
    let mut again = to("/");
    *again.headers_mut() = first;
    let other = REQUEST_ID
        .scope(RequestId::new_v4(), sent(ClientLayer::new(), again))
        .await;
    assert_eq!(other["x-request-id"], "a");
}

#[tokio::test]
async fn a_spawned_call_sends_the_id() {
    #[propagate_context]
    async fn spawned() -> HeaderMap {
        tokio::spawn(async { sent(ClientLayer::new(), to("/")).await })
            .await
            .unwrap()
    }
    let headers = in_a_request(brought(), spawned).await;
    assert_eq!(headers["x-request-id"], "a");
}

/// Values that a header cannot hold are not sent; the others are.
#[tokio::test]
async fn values_that_do_not_fit_are_dropped() {
    let headers = TENANT
        .scope(
            "two\r\nlines".to_owned(),
            REGION.scope("Zürich, CH".to_owned(), sent(ClientLayer::new(), to("/"))),
        )
        .await;
    assert_eq!(text(&headers), ["baggage=region=Z%C3%BCrich%2C%20CH"]);
    let headers = TENANT
        .scope("x".repeat(9000), sent(ClientLayer::new(), to("/")))
        .await;
    assert!(headers.is_empty());
}

/// Three hops over sockets: the id, the baggage with foreign members and properties, and the trace arrive unchanged.
#[tokio::test]
async fn three_hops() {
    #[context_entry(vars = [TENANT, REGION])]
    async fn last(headers: HeaderMap) -> String {
        text(&headers).join("\n")
    }
    let end = serve(Router::new().route("/", get(last))).await;
    let middle = get(async move || {
        let client =
            hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new())
                .build_http();
        let mut client = ClientLayer::new().layer(client);
        let uri = format!("http://{end}/");
        let request = Request::builder()
            .uri(uri)
            .body(axum::body::Body::empty())
            .unwrap();
        let response = client.ready().await.unwrap().call(request).await.unwrap();
        axum::body::Body::new(response.into_body())
    });
    let layer = ContextLayer::new().extract(&TENANT).extract(&REGION);
    let gateway = serve(Router::new().route("/", middle).layer(layer)).await;

    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let answer = ask(
        gateway,
        "/",
        &[
            ("X-Request-ID", b"order-7"),
            ("X-Tenant", b"acme"),
            ("baggage", b"region=eu%20west;ttl=3, other=1"),
            ("traceparent", parent.as_bytes()),
            ("tracestate", b"vendor=1"),
            ("tracestate", b"rival=2"),
            ("authorization", b"Bearer secret"),
        ],
    )
    .await;
    let body: Vec<&str> = answer
        .body
        .lines()
        .filter(|line| line.contains('=') && !line.starts_with("host"))
        .collect();
    assert_eq!(
        body,
        [
            "baggage=region=eu%20west;ttl=3",
            &format!("traceparent={parent}"),
            "tracestate=vendor=1,rival=2",
            "x-request-id=order-7",
            "x-tenant=acme",
        ]
    );
}
