//! Three ways to send the context with reqwest: as headers, into a request, and with the layer around its client.

use axum::Router;
use axum::http::{HeaderMap, Request, Uri};
use axum::routing::get;
use propagate_context::http::{ClientLayer, ContextLayer, outbound_headers};
use propagate_context::{ContextVar, inject, propagate_context};
use tower::{ServiceBuilder, ServiceExt as _};

use crate::support::wire::{get as ask, serve};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
static SECRET: ContextVar<String> = ContextVar::new("secret").logged();

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A service that reports which of the context's headers it received, and how often.
async fn stock() -> String {
    let tell = get(async |headers: HeaderMap| {
        let ours = ["x-request-id", "x-tenant", "secret", "authorization"];
        ours.map(|name| {
            let all: Vec<_> = headers
                .get_all(name)
                .iter()
                .map(|value| value.to_str().unwrap())
                .collect();
            all.join(",")
        })
        .join(" ")
    });
    let address = serve(Router::new().route("/", tell)).await;
    format!("http://{address}/")
}

/// The headers that `stock` receives from a handler inside the layer, in a request with the id `order-7` for `acme`.
async fn told<F>(
    call: impl Fn(reqwest::Client, String) -> F + Clone + Send + Sync + 'static,
) -> String
where
    F: Future<Output = String> + Send + 'static,
{
    let (client, stock) = (client(), stock().await);
    let handler = get(async move || {
        SECRET.set("hush".to_owned());
        call(client, stock).await
    });
    let layer = ContextLayer::new().extract(&TENANT);
    let gateway = serve(Router::new().route("/", handler).layer(layer)).await;
    let headers: [(&str, &[u8]); 3] = [
        ("x-request-id", b"order-7"),
        ("x-tenant", b"acme"),
        ("authorization", b"Bearer secret"),
    ];
    let answer = ask(gateway, "/", &headers).await;
    assert_eq!((answer.status, answer.id()), (200, "order-7"));
    answer.body
}

async fn text(response: reqwest::Response) -> String {
    response.text().await.unwrap()
}

#[tokio::test]
async fn declared_variables_are_sent() {
    let told = told(async |client, url| {
        let call = client.get(url).headers(outbound_headers());
        text(call.send().await.unwrap()).await
    })
    .await;
    assert_eq!(told, "order-7 acme  ");
}

/// `RequestBuilder::headers` replaces headers that were set before. `inject` into a built request keeps them.
#[tokio::test]
async fn headers_set_by_the_caller_are_kept() {
    let told = told(async |client, url| {
        let mut request = client
            .get(url)
            .header("x-request-id", "explicit")
            .build()
            .unwrap();
        inject(request.headers_mut());
        text(client.execute(request).await.unwrap()).await
    })
    .await;
    assert_eq!(told, "explicit acme  ");

    let told = self::told(async |client, url| {
        let call = client.get(url).header("x-request-id", "explicit");
        text(call.headers(outbound_headers()).send().await.unwrap()).await
    })
    .await;
    assert_eq!(told, "order-7 acme  ");
}

#[tokio::test]
async fn a_spawned_call_has_the_id() {
    #[propagate_context]
    async fn spawned(client: reqwest::Client, url: String) -> String {
        let call = tokio::spawn(async move {
            let call = client.get(url).headers(outbound_headers());
            text(call.send().await.unwrap()).await
        });
        call.await.unwrap()
    }
    assert_eq!(told(spawned).await, "order-7 acme  ");
}

/// The layer takes an `http::Request`, which is converted to a reqwest request inside it.
async fn through_the_layer(
    client: reqwest::Client,
    url: String,
    may_see: fn(&Uri) -> bool,
) -> String {
    let client = ServiceBuilder::new()
        .layer(ClientLayer::new().only(may_see))
        .filter(|request: Request<String>| reqwest::Request::try_from(request))
        .service(client);
    let request = Request::get(url).body(String::new()).unwrap();
    text(client.oneshot(request).await.unwrap()).await
}

#[tokio::test]
async fn hosts_can_be_restricted() {
    let ours =
        told(|client, url| through_the_layer(client, url, |uri| uri.host() == Some("127.0.0.1")));
    assert_eq!(ours.await, "order-7 acme  ");
    let third_party = told(|client, url| {
        through_the_layer(client, url, |uri| uri.host() == Some("stock.internal"))
    });
    assert_eq!(third_party.await, "   ");
}
