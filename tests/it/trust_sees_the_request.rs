//! `Entry::trust_if`: the method, path, peer and headers of a request decide whether it is read, for every kind of
//! entry.

use std::collections::HashMap;
use std::net::SocketAddr;

use actix_web::{App, HttpRequest, web};
use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Method, Request};
use axum::routing::{get, post};
use poem::{EndpointExt as _, Route};
use propagate_context::entry::{Entry, MissingValue, RequestHead};
use propagate_context::http::{ContextLayer, ContextMiddleware};
use propagate_context::{Carrier, ContextVar, REQUEST_ID, RequestId};

use crate::support::wire::{ask, id, serve};

/// Turns the request head that the function receives into the id of the request.
fn noting(trusted: fn(&RequestHead<'_>) -> bool) -> Entry {
    Entry::new().trust_if(trusted)
}

fn internal(request: &RequestHead<'_>) -> bool {
    request.method() == Some("GET") && request.path() == Some("/internal/orders")
}

async fn ids(address: SocketAddr) -> Vec<bool> {
    let mut trusted = Vec::new();
    for (method, path) in [
        ("GET", "/internal/orders"),
        ("POST", "/internal/orders"),
        ("GET", "/orders"),
    ] {
        let answer = ask(address, method, path, &[("x-request-id", b"order-7")], "").await;
        assert_eq!(answer.body, answer.id(), "{method} {path}");
        trusted.push(answer.id() == "order-7");
    }
    trusted
}

#[tokio::test]
async fn method_and_path_in_axum_actix_and_poem() {
    let handler = async || id();
    let app = Router::new().fallback(handler);
    let layer = ContextLayer::with_policy(noting(internal));
    assert_eq!(
        ids(serve(app.layer(layer)).await).await,
        [true, false, false]
    );

    let actix = crate::entry_actix::serve(|| {
        App::new()
            .wrap(ContextMiddleware::with_policy(noting(internal)))
            .default_service(web::to(async || id()))
    });
    assert_eq!(ids(actix).await, [true, false, false]);

    let poem = Route::new()
        .at(
            "/*",
            poem::endpoint::make(async |_| Ok::<_, poem::Error>(id())),
        )
        .with(ContextLayer::with_policy(noting(internal)));
    assert_eq!(
        ids(crate::entry_poem::serve(poem).await).await,
        [true, false, false]
    );
}

#[tokio::test]
async fn the_peer() {
    fn loopback(request: &RequestHead<'_>) -> bool {
        let peer = request.peer_addr();
        peer.is_some_and(|peer| peer.ip().is_loopback())
    }
    // In axum, the peer is in the extensions.
    fn connected(request: &RequestHead<'_>) -> bool {
        request
            .extension::<ConnectInfo<SocketAddr>>()
            .is_some_and(|peer| peer.ip().is_loopback())
    }
    let sent: &[(&str, &[u8])] = &[("x-request-id", b"order-7")];
    let app = Router::new()
        .route("/", get(async || id()))
        .route("/", post(async || id()))
        .layer(ContextLayer::with_policy(noting(connected)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = app.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    assert_eq!(ask(address, "GET", "/", sent, "").await.id(), "order-7");

    let actix = crate::entry_actix::serve(|| {
        App::new()
            .wrap(ContextMiddleware::with_policy(noting(loopback)))
            .default_service(web::to(async |_: HttpRequest| id()))
    });
    assert_eq!(ask(actix, "GET", "/", sent, "").await.id(), "order-7");
}

#[test]
fn carriers_without_a_request() {
    let open = |entry: &Entry, carrier: &dyn propagate_context::Carrier| -> String {
        let context = entry.open(carrier).unwrap();
        context.get(&REQUEST_ID).unwrap().to_string()
    };
    let message = HashMap::from([
        ("x-request-id".to_owned(), "order-7".to_owned()),
        ("queue".to_owned(), "ours".to_owned()),
    ]);
    let ours = Entry::new().trust_if(|request| {
        assert_eq!((request.method(), request.path()), (None, None));
        request.header("queue").as_deref() == Some("ours")
    });
    assert_eq!(open(&ours, &message), "order-7");
    let mut headers = HeaderMap::new();
    headers.insert("x-request-id", "order-7".parse().unwrap());
    headers.append("queue", "ours".parse().unwrap());
    assert_eq!(open(&ours, &headers), "order-7");
    // The header occurs twice, so neither value is accepted.
    headers.append("queue", "ours".parse().unwrap());
    assert_ne!(open(&ours, &headers), "order-7");
}

/// The requests of actix-web and poem are carriers of HTTP as those of the crate `http` are.
#[test]
fn requests_of_the_frameworks() {
    static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    fn read(carrier: &impl Carrier) -> (bool, Option<String>) {
        let entry = Entry::new().extract(&TENANT).trust_if(internal);
        let context = entry.open(carrier).unwrap();
        let id = context.get(&REQUEST_ID).unwrap();
        (id.as_str() == "order-7", context.get(&TENANT))
    }
    // Bytes that are not ASCII are of an unknown encoding in a header of HTTP.
    let sent: [(&str, &[u8], Option<&str>); 2] = [
        ("x-tenant", b"acme", Some("acme")),
        ("x-tenant", b"m\xc3\xbcller", None),
    ];
    for (name, value, tenant) in sent {
        let tenant = tenant.map(ToOwned::to_owned);
        let header = actix_web::http::header::HeaderValue::from_bytes(value).unwrap();
        let actix = || {
            actix_web::test::TestRequest::get()
                .uri("/internal/orders")
                .insert_header(("x-request-id", "order-7"))
                .insert_header((name, header.clone()))
        };
        assert_eq!(read(&actix().to_http_request()), (true, tenant.clone()));
        assert_eq!(read(&actix().to_srv_request()), (true, tenant.clone()));
        assert!(!read(&actix().uri("/orders").to_http_request()).0);
        let poem = poem::Request::builder()
            .uri("/internal/orders".parse().unwrap())
            .header("x-request-id", "order-7")
            .header(name, poem::http::HeaderValue::from_bytes(value).unwrap())
            .finish();
        assert_eq!(read(&poem), (true, tenant));
    }
}

/// An accepted request is seen with its headers.
#[tokio::test]
async fn the_headers_of_an_accepted_request() {
    let entry = Entry::new().trust_if(|request| request.header("via").as_deref() == Some("ours"));
    for (via, trusted) in [("ours", true), ("theirs", false)] {
        let (mut headers, mut extensions) = (HeaderMap::new(), http::Extensions::new());
        headers.insert("x-request-id", "order-7".parse().unwrap());
        headers.insert("via", via.parse().unwrap());
        let accepted = entry.accept(&mut headers, &mut extensions);
        let handle = async { http::Response::new(id()) };
        let response = accepted.serve(handle, http::Response::headers_mut).await;
        assert_eq!(response.unwrap().into_body() == "order-7", trusted);
    }
}

/// They are headers of HTTP, whose encoding is not known.
#[tokio::test]
async fn values_that_are_not_ascii_are_dropped() {
    static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    let entry = Entry::new().extract(&TENANT);
    let (mut headers, mut extensions) = (HeaderMap::new(), http::Extensions::new());
    let tenant = http::HeaderValue::from_bytes(b"m\xc3\xbcller").unwrap();
    headers.insert("x-tenant", tenant);
    let accepted = entry.accept(&mut headers, &mut extensions);
    let handle = async { http::Response::new(TENANT.get()) };
    let response = accepted.serve(handle, http::Response::headers_mut).await;
    assert_eq!(response.unwrap().into_body(), None);
}

/// A reference to a request, or an optional one, is the same request.
#[test]
fn a_request_by_reference() {
    fn open(carrier: impl Carrier) -> Result<bool, MissingValue> {
        let entry = Entry::new().trust_if(internal);
        let context = entry.open(&carrier)?;
        Ok(context.get(&REQUEST_ID).unwrap().as_str() == "order-7")
    }
    for (path, trusted) in [("/internal/orders", true), ("/orders", false)] {
        let request = Request::get(path).header("x-request-id", "order-7");
        let mut request = request.body(()).unwrap();
        assert_eq!(open(&request).unwrap(), trusted);
        assert_eq!(open(&mut request).unwrap(), trusted);
        let (mut parts, ()) = request.into_parts();
        assert_eq!(open(&parts).unwrap(), trusted);
        assert_eq!(open(&mut parts).unwrap(), trusted);
        assert_eq!(open(Some(parts)).unwrap(), trusted);
    }
    assert!(!open(None::<http::request::Parts>).unwrap());
}

/// Both trust settings must accept the request. A function only receives the parts that are available.
#[tokio::test]
async fn together_with_trust_and_in_a_middleware() {
    let distrusted = Entry::new().trust(false).trust_if(|_| true);
    let request = Request::get("/").header("x-request-id", "order-7");
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let context = distrusted.open(&parts).unwrap();
    assert_ne!(context.get(&REQUEST_ID).unwrap().as_str(), "order-7");

    let entry = Entry::new().trust_if(|request| request.extension() == Some(&Method::GET));
    let response = |parts: &mut http::request::Parts| {
        let accepted = entry.accept(&mut parts.headers, &mut parts.extensions);
        accepted.serve(async { http::Response::new(id()) }, |response| {
            response.headers_mut()
        })
    };
    let untrusted = response(&mut parts).await.unwrap().into_body();
    assert_ne!(untrusted, "order-7");
    // From now on, the request has the generated id.
    assert_eq!(parts.headers["x-request-id"], untrusted);
    let mut parts = Request::get("/")
        .header("x-request-id", "order-7")
        .body(())
        .unwrap()
        .into_parts()
        .0;
    parts.extensions.insert(Method::GET);
    assert_eq!(response(&mut parts).await.unwrap().into_body(), "order-7");
    assert_eq!(
        parts.extensions.get::<RequestId>().unwrap().as_str(),
        "order-7"
    );
}
