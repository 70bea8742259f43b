//! No header of the context reaches an excluded host, wherever a server redirects to, with HTTP/1 and HTTP/2.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::IntoResponse;
use propagate_context::{Context, ContextVar, REQUEST_ID, RequestId};
use propagate_context_reqwest::OutboundContext;
use reqwest_middleware::{ClientWithMiddleware, Middleware, Next};
use tokio::net::TcpListener;

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
static PLAN: ContextVar<String> = ContextVar::new("plan").baggage("plan");
static TOKEN: ContextVar<String> = ContextVar::new("token").header("authorization");

/// A request as received by a server.
struct Seen {
    method: Method,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// A server that redirects as specified by the path (`/307/<target>`), and records the requests.
struct Server {
    at: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    async fn start() -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let keep = seen.clone();
        let app = Router::new().fallback(move |request: Request| answer(request, keep.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let at = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { at, seen }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.at)
    }

    fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

async fn answer(request: Request, seen: Arc<Mutex<Vec<Seen>>>) -> impl IntoResponse {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.unwrap();
    let target = parts.uri.path().trim_start_matches('/').to_owned();
    seen.lock().unwrap().push(Seen {
        method: parts.method,
        headers: parts.headers,
        body: body.to_vec(),
    });
    let mut headers = HeaderMap::new();
    let Some((status, target)) = target.split_once('/') else {
        return (StatusCode::OK, headers);
    };
    headers.insert(header::LOCATION, HeaderValue::from_str(target).unwrap());
    (status.parse().unwrap(), headers)
}

/// Returns a client that sends the context only to `ours`.
fn client(ours: &Server, http2: bool) -> ClientWithMiddleware {
    let port = ours.at.port();
    OutboundContext::only(move |url| url.port() == Some(port))
        .client(transport(http2))
        .unwrap()
}

fn transport(http2: bool) -> reqwest::ClientBuilder {
    let client = reqwest::Client::builder().no_proxy();
    if http2 {
        client.http2_prior_knowledge()
    } else {
        client
    }
}

/// Returns the context of a tenant's request.
fn context() -> Context {
    let id: RequestId = "r-1".parse().unwrap();
    Context::empty()
        .with(&REQUEST_ID, id)
        .with(&TENANT, "acme".to_owned())
        .with(&PLAN, "pro".to_owned())
}

fn of(seen: &Seen) -> [Option<&str>; 3] {
    ["x-request-id", "x-tenant", "baggage"]
        .map(|name| seen.headers.get(name).map(|value| value.to_str().unwrap()))
}

const WHOLE: [Option<&str>; 3] = [Some("r-1"), Some("acme"), Some("plan=pro")];
const NOTHING: [Option<&str>; 3] = [None, None, None];

#[tokio::test]
async fn a_redirect_to_another_host_sends_no_context() {
    for http2 in [false, true] {
        for status in [301, 302, 303, 307, 308] {
            let (ours, theirs) = (Server::start().await, Server::start().await);
            let url = ours.url(&format!("{status}/{}", theirs.url("end")));
            let request = client(&ours, http2).get(url).send();
            let response = context().scope(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.url().as_str(), theirs.url("end"));
            assert_eq!(of(&ours.seen()[0]), WHOLE, "{status}, HTTP/2: {http2}");
            assert_eq!(of(&theirs.seen()[0]), NOTHING, "{status}, HTTP/2: {http2}");
        }
    }
}

#[tokio::test]
async fn a_redirect_back_sends_the_context_again() {
    let (ours, theirs) = (Server::start().await, Server::start().await);
    let back = theirs.url(&format!("307/{}", ours.url("end")));
    let there = ours.url(&format!("307/{back}"));
    let request = client(&ours, false).get(there).send();
    context().scope(request).await.unwrap();
    let seen = ours.seen();
    assert_eq!([of(&seen[0]), of(&seen[1])], [WHOLE, WHOLE]);
    assert_eq!(of(&theirs.seen()[0]), NOTHING);
}

#[tokio::test]
async fn an_excluded_host_that_redirects_to_an_allowed_one_sees_no_context() {
    let (ours, theirs) = (Server::start().await, Server::start().await);
    let url = theirs.url(&format!("302/{}", ours.url("end")));
    let request = client(&ours, false).get(url).send();
    context().scope(request).await.unwrap();
    assert_eq!(of(&theirs.seen()[0]), NOTHING);
    assert_eq!(of(&ours.seen()[0]), WHOLE);
}

#[tokio::test]
async fn headers_of_the_caller_are_forwarded_like_the_request() {
    let (ours, theirs) = (Server::start().await, Server::start().await);
    let url = ours.url(&format!("307/{}", theirs.url("end")));
    let request = client(&ours, false)
        .get(url)
        .header("x-tenant", "explicit")
        .header("baggage", "own=1")
        .header("authorization", "secret")
        .send();
    context().scope(request).await.unwrap();
    let (ours, theirs) = (ours.seen(), theirs.seen());
    assert_eq!(
        of(&ours[0]),
        [Some("r-1"), Some("explicit"), Some("own=1,plan=pro")]
    );
    assert_eq!(of(&theirs[0]), [None, Some("explicit"), Some("own=1")]);
    assert!(ours[0].headers.contains_key("authorization"));
    assert!(!theirs[0].headers.contains_key("authorization"));
}

/// A credential header is not sent to another origin, even if a variable declares the same header.
#[tokio::test]
async fn a_credential_that_a_variable_declares_is_dropped_for_another_origin() {
    let (ours, theirs) = (Server::start().await, Server::start().await);
    let back = theirs.url(&format!("307/{}", theirs.url("end")));
    let context = context().with(&TOKEN, "of the context".to_owned());
    for token in [None, Some("of the caller")] {
        let mut request = client(&ours, false).get(ours.url(&format!("307/{back}")));
        if let Some(token) = token {
            request = request.header("authorization", token);
        }
        context.clone().scope(request.send()).await.unwrap();
        let sent = token.unwrap_or("of the context");
        assert_eq!(ours.seen()[0].headers["authorization"], sent);
        let theirs = theirs.seen();
        assert_eq!(theirs.len(), 2);
        for seen in &theirs {
            assert_eq!(of(seen), NOTHING);
            assert!(!seen.headers.contains_key("authorization"), "{token:?}");
        }
    }
}

/// Responds to each request without a network. The first response redirects to `location`.
struct Redirects {
    location: &'static str,
    hops: Arc<Mutex<Vec<(String, bool)>>>,
}

#[async_trait::async_trait]
impl Middleware for Redirects {
    async fn handle(
        &self,
        request: reqwest::Request,
        _: &mut http::Extensions,
        _: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let mut hops = self.hops.lock().unwrap();
        let response = http::Response::builder();
        let response = if hops.is_empty() {
            response.status(307).header("location", self.location)
        } else {
            response
        };
        let sees = request.headers().contains_key("x-tenant");
        hops.push((request.url().to_string(), sees));
        Ok(response.body("").unwrap().into())
    }
}

/// The filter is applied to the URL that the request is sent to.
#[tokio::test]
async fn every_form_of_a_location() {
    for (location, expected) in [
        (
            "http://user:password@other.test/",
            Some("http://user:password@other.test/"),
        ),
        (
            "http://ours.test@other.test/",
            Some("http://ours.test@other.test/"),
        ),
        (
            "http://ours.test%2f@other.test/",
            Some("http://ours.test%2f@other.test/"),
        ),
        ("http://OTHER.TEST/", Some("http://other.test/")),
        ("//other.test/", Some("http://other.test/")),
        ("/\\other.test/", Some("http://other.test/")),
        ("http:\\\\other.test", Some("http://other.test/")),
        (
            "http://other.test\\@ours.test/",
            Some("http://other.test/@ours.test/"),
        ),
        ("http://other.test#@ours.test", Some("http://other.test/")),
        ("http://ours.test./", Some("http://ours.test./")),
        (
            "http://ours.test.other.test/",
            Some("http://ours.test.other.test/"),
        ),
        ("http://[::1]/", Some("http://[::1]/")),
        ("http://2130706433/", Some("http://127.0.0.1/")),
        ("http://ours.test%00.other.test/", None),
        ("/path", Some("http://ours.test/path")),
        ("path?query", Some("http://ours.test/path?query")),
        ("http:other.test", Some("http://ours.test/other.test")),
        ("HTTP://OURS.TEST/", Some("http://ours.test/")),
        ("https://ours.test:8443/", Some("https://ours.test:8443/")),
    ] {
        let hops = Arc::default();
        let server = Redirects {
            location,
            hops: Arc::clone(&hops),
        };
        let client = OutboundContext::only(|url| url.host_str() == Some("ours.test"))
            .builder(transport(false))
            .unwrap()
            .with(server)
            .build();
        let request = client.get("http://ours.test/first").send();
        context().scope(request).await.unwrap();
        let mut all = vec![("http://ours.test/first".to_owned(), true)];
        all.extend(expected.map(|url| {
            let host = reqwest::Url::parse(url).unwrap();
            (url.to_owned(), host.host_str() == Some("ours.test"))
        }));
        assert_eq!(*hops.lock().unwrap(), all, "{location:?}");
    }
}

#[tokio::test]
async fn method_and_body_follow_as_the_status_says() {
    let ours = Server::start().await;
    let client = client(&ours, false);
    for (status, method, body) in [
        (303, Method::GET, ""),
        (302, Method::GET, ""),
        (307, Method::POST, "cart"),
        (308, Method::POST, "cart"),
    ] {
        let url = ours.url(&format!("{status}/{}", ours.url("end")));
        let request = client.post(url).body("cart").send();
        context().scope(request).await.unwrap();
        let seen = ours.seen();
        assert_eq!(
            (&seen[1].method, &*seen[1].body),
            (&method, body.as_bytes())
        );
        assert_eq!(of(&seen[1]), WHOLE);
    }
}

#[tokio::test]
async fn redirects_are_followed_up_to_a_bound() {
    let ours = Server::start().await;
    let port = ours.at.port();
    let client = OutboundContext::only(move |url| url.port() == Some(port))
        .max_redirects(1)
        .client(transport(false))
        .unwrap();
    let end = ours.url(&format!("307/{}", ours.url("end")));
    let url = ours.url(&format!("307/{end}"));
    let response = client.get(url).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(ours.seen().len(), 2);
}

/// Sends each request twice, like a retry.
struct Twice;

#[async_trait::async_trait]
impl Middleware for Twice {
    async fn handle(
        &self,
        request: reqwest::Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let again = request.try_clone().unwrap();
        let mut first = extensions.clone();
        next.clone().run(request, &mut first).await?;
        next.run(again, extensions).await
    }
}

#[tokio::test]
async fn a_retry_keeps_the_id() {
    let ours = Server::start().await;
    let port = ours.at.port();
    let client = OutboundContext::only(move |url| url.port() == Some(port))
        .builder(transport(false))
        .unwrap()
        .with(Twice)
        .build();
    context()
        .scope(client.get(ours.url("end")).send())
        .await
        .unwrap();
    let seen = ours.seen();
    assert_eq!([of(&seen[0]), of(&seen[1])], [WHOLE, WHOLE]);
}

#[tokio::test]
async fn outside_every_scope_nothing_is_sent() {
    let ours = Server::start().await;
    client(&ours, false)
        .get(ours.url("end"))
        .send()
        .await
        .unwrap();
    assert_eq!(of(&ours.seen()[0]), NOTHING);
}
