//! An entry inside a layer reads only the values that the layer has not read, and sets only the response headers that
//! the layer does not set.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use http::{Request, Response};
use propagate_context::entry::{Entry, Inbound};
use propagate_context::http::{ContextLayer, ContextMiddleware};
use propagate_context::{Carrier, ContextVar, REQUEST_ID, context_entry};
use tower::{ServiceBuilder, ServiceExt, service_fn};

use crate::support::wire::{get as ask, id, serve};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
static LEVEL: ContextVar<u8> = ContextVar::new("level").header("x-level").baggage("level");

/// The headers of a request, and the keys that an entry has looked up.
#[derive(Clone)]
struct HeaderMap {
    headers: &'static [(&'static str, &'static str)],
    looked_up: Arc<Mutex<Vec<String>>>,
}

impl HeaderMap {
    fn new(headers: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            headers,
            looked_up: Arc::default(),
        }
    }
}

impl Carrier for HeaderMap {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.looked_up.lock().unwrap().push(key.to_owned());
        for (name, value) in self.headers {
            if name.eq_ignore_ascii_case(key) {
                each(value.as_bytes());
            }
        }
    }
}

type Seen = (String, Option<String>, Option<u8>);

fn seen() -> Seen {
    (id(), TENANT.get(), LEVEL.get())
}

#[context_entry]
async fn of_the_id(_headers: HeaderMap) -> Seen {
    seen()
}

#[context_entry(vars = [TENANT])]
async fn of_the_tenant(_headers: HeaderMap) -> Seen {
    seen()
}

#[context_entry(header = "X-Correlation-ID", vars = [TENANT, LEVEL])]
async fn of_all(_headers: HeaderMap) -> Seen {
    seen()
}

/// Does not trust the request, unlike the layer, and passes the headers to another entry.
#[context_entry(trust = false)]
async fn untrusting(headers: HeaderMap) -> Seen {
    of_the_tenant(headers).await.into_inner()
}

/// Runs `entry` inside `layer`. Returns the values that `entry` has seen and the keys that it has looked up.
async fn behind<F>(
    layer: ContextLayer,
    headers: &'static [(&'static str, &'static str)],
    entry: impl FnOnce(HeaderMap) -> F,
) -> (Seen, Vec<String>)
where
    F: Future<Output = Seen>,
{
    let carrier = HeaderMap::new(headers);
    let looked_up = carrier.looked_up.clone();
    let seen = Mutex::new(None);
    let mut entry = Some(entry);
    let service = service_fn(|_: Request<()>| {
        let entered = entry.take().unwrap()(carrier.clone());
        let seen = &seen;
        async move {
            *seen.lock().unwrap() = Some(entered.await);
            Ok::<_, Infallible>(Response::new(String::new()))
        }
    });
    let mut request = Request::get("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let service = ServiceBuilder::new().layer(layer).service(service);
    drop(service.oneshot(request.body(()).unwrap()).await);
    let mut looked_up = std::mem::take(&mut *looked_up.lock().unwrap());
    // Looked up once the process has received an untrusted request, which may be part of another test.
    looked_up.retain(|key| key != "x-propagate-context-cleaned");
    (seen.into_inner().unwrap().unwrap(), looked_up)
}

const SENT: &[(&str, &str)] = &[
    ("x-request-id", "r"),
    ("x-correlation-id", "c"),
    ("x-tenant", "acme"),
    ("x-level", "3"),
    (
        "traceparent",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    ),
];
const BARE: &[(&str, &str)] = &[];

fn r(tenant: Option<&str>, level: Option<u8>) -> Seen {
    ("r".to_owned(), tenant.map(ToOwned::to_owned), level)
}

#[tokio::test]
async fn an_entry_that_extracts_the_same_reads_nothing() {
    let entry = async |headers| of_the_id(headers).await.into_inner();
    let layer = ContextLayer::new();
    assert_eq!(behind(layer, SENT, entry).await, (r(None, None), vec![]));

    let entry = async |headers| of_all(headers).await.into_inner();
    let layer = ContextLayer::new().extract(&TENANT).extract(&LEVEL);
    let read = behind(layer, SENT, entry).await;
    assert_eq!(read, (r(Some("acme"), Some(3)), vec![]));
}

/// The request has neither an id nor a trace, which both the layer and the entry would read.
#[tokio::test]
async fn an_entry_that_extracts_the_same_from_a_bare_request_reads_nothing() {
    let entry = async |headers| of_the_id(headers).await.into_inner();
    let ((id, ..), looked_up) = behind(ContextLayer::new(), BARE, entry).await;
    assert_eq!((id.len(), looked_up), (36, vec![]));
}

#[tokio::test]
async fn an_entry_that_extracts_less_reads_nothing() {
    let entry = async |headers| of_the_id(headers).await.into_inner();
    let layer = ContextLayer::new().extract(&TENANT).extract(&LEVEL);
    let read = behind(layer, SENT, entry).await;
    assert_eq!(read, (r(Some("acme"), Some(3)), vec![]));
}

#[tokio::test]
async fn an_entry_that_extracts_more_reads_the_rest() {
    let entry = async |headers| of_all(headers).await.into_inner();
    let layer = ContextLayer::new().extract(&TENANT);
    let (seen, looked_up) = behind(layer, SENT, entry).await;
    assert_eq!(seen, r(Some("acme"), Some(3)));
    assert_eq!(looked_up, ["x-level"]);

    let entry = async |headers| of_the_tenant(headers).await.into_inner();
    let layer = ContextLayer::with_policy(Entry::new().trace_context(false));
    let (seen, looked_up) = behind(layer, SENT, entry).await;
    assert_eq!(seen, r(Some("acme"), None));
    assert_eq!(looked_up, ["x-tenant", "traceparent", "tracestate"]);

    let entry = async |headers| of_the_id(headers).await.into_inner();
    let layer = ContextLayer::with_policy(Entry::new().trace_context(false));
    let (seen, looked_up) = behind(layer, SENT, entry).await;
    assert_eq!(seen, r(None, None));
    assert_eq!(looked_up, ["traceparent", "tracestate"]);

    let entry = async |headers| of_the_id(headers).await.into_inner();
    let layer = ContextLayer::new().without(&REQUEST_ID);
    let (seen, looked_up) = behind(layer, SENT, entry).await;
    assert_eq!(seen, r(None, None));
    assert_eq!(looked_up, ["x-request-id"]);
}

/// A middleware between the layer and the entry may have added the headers.
#[tokio::test]
async fn values_that_the_layer_did_not_find_are_read_again() {
    let entry = async |mut headers: HeaderMap| {
        headers.headers = SENT;
        of_all(headers).await.into_inner()
    };
    let layer = ContextLayer::new().extract(&TENANT).extract(&LEVEL);
    let ((_, tenant, level), looked_up) = behind(layer, BARE, entry).await;
    assert_eq!((tenant.as_deref(), level), (Some("acme"), Some(3)));
    assert_eq!(looked_up, ["x-tenant", "x-level"]);
}

#[tokio::test]
async fn nothing_is_read_from_an_untrusted_request() {
    let layers = || {
        [
            ContextLayer::new().trust(|_| false),
            ContextLayer::with_policy(Entry::new().trust(false)),
        ]
    };
    for layer in layers() {
        let entry = async |headers| of_all(headers).await.into_inner();
        let ((id, tenant, level), looked_up) = behind(layer, SENT, entry).await;
        assert_eq!((id.len(), tenant, level), (36, None, None));
        assert!(looked_up.is_empty(), "{looked_up:?}");
    }
    // The same inside an entry that does not trust the request, although the layer does.
    let layer = ContextLayer::new();
    assert_eq!(
        behind(layer, SENT, untrusting_first).await,
        (r(None, None), vec![])
    );
}

async fn untrusting_first(headers: HeaderMap) -> Seen {
    untrusting(headers).await.into_inner()
}

/// The layer has extracted all values of its own request. The other request has different values.
#[tokio::test]
async fn another_request_in_the_scope_is_read() {
    #[context_entry(vars = [TENANT])]
    async fn of_a_request(_request: Request<()>) -> Response<String> {
        Response::new(format!("{:?}", seen()))
    }

    let entry = async |_: HeaderMap| {
        let another = || {
            Request::get("/")
                .header("x-request-id", "o")
                .header("x-tenant", "other")
                .body(())
                .unwrap()
        };
        // A request that was tagged by a layer whose scope is not current.
        let tagged = Mutex::new(None);
        let take = service_fn(async |request: Request<()>| {
            *tagged.lock().unwrap() = Some(request);
            Ok::<_, Infallible>(Response::new(String::new()))
        });
        let layer = ContextLayer::new().extract(&TENANT);
        let service = ServiceBuilder::new().layer(layer).service(take);
        drop(service.oneshot(another()).await);
        let tagged = tagged.into_inner().unwrap().unwrap();
        for request in [another(), tagged] {
            let response = of_a_request(request).await;
            assert_eq!(response.headers()["x-request-id"], "o");
            assert_eq!(response.body(), r#"("o", Some("other"), None)"#);
        }
        seen()
    };
    let layer = ContextLayer::new().extract(&TENANT);
    assert_eq!(behind(layer, SENT, entry).await.0, r(Some("acme"), None));
}

/// Its headers may differ from the ones that the layer has read.
#[tokio::test]
async fn a_rebuilt_request_is_read() {
    #[context_entry(vars = [TENANT])]
    async fn entry() -> String {
        format!("{} {}", id(), TENANT.get().unwrap_or_default())
    }
    let rebuild = axum::middleware::from_fn(
        async |request: axum::extract::Request, next: axum::middleware::Next| {
            let rebuilt = Request::get(request.uri())
                .header("x-request-id", "rebuilt")
                .header("x-tenant", "other");
            next.run(rebuilt.body(axum::body::Body::empty()).unwrap())
                .await
        },
    );
    let app = Router::new()
        .route("/", get(entry))
        .layer(rebuild)
        .layer(ContextLayer::new().extract(&TENANT));
    let answer = ask(serve(app).await, "/", &[("x-tenant", b"acme")]).await;
    assert_eq!((&*answer.body, answer.id()), ("rebuilt other", "rebuilt"));
}

/// The layer sets the same header, so the entry does not change its response.
#[tokio::test]
async fn a_response_header_is_set_once() {
    #[context_entry]
    async fn same(_request: Request<()>) -> Response<String> {
        Response::new(id())
    }
    #[context_entry(header = ["X-Correlation-ID", "X-Request-ID"])]
    async fn other(_request: Request<()>) -> Response<String> {
        Response::new(id())
    }

    let inner = Mutex::new(Vec::new());
    let services = |layer: ContextLayer, is_other: bool| {
        let inner = &inner;
        let service = service_fn(move |request: Request<()>| async move {
            let response = if is_other {
                other(request).await
            } else {
                same(request).await
            };
            let names = response.headers().keys().map(ToString::to_string);
            inner.lock().unwrap().extend(names);
            Ok::<_, Infallible>(response)
        });
        ServiceBuilder::new().layer(layer).service(service)
    };
    let silent = || Inbound::new(&REQUEST_ID).echo(false);
    for (layer, is_other, of_the_entry, of_both) in [
        (ContextLayer::new(), false, vec![], vec!["x-request-id"]),
        (
            ContextLayer::new().extract(Inbound::new(&REQUEST_ID).expose(true)),
            false,
            vec![],
            vec!["x-request-id", "access-control-expose-headers"],
        ),
        (
            ContextLayer::new(),
            true,
            vec!["x-correlation-id"],
            vec!["x-correlation-id", "x-request-id"],
        ),
        (
            ContextLayer::new().extract(silent()),
            false,
            vec!["x-request-id"],
            vec!["x-request-id"],
        ),
        (
            ContextLayer::new().without(&REQUEST_ID),
            false,
            vec!["x-request-id"],
            vec!["x-request-id"],
        ),
    ] {
        let request = Request::get("/")
            .header("x-request-id", "r")
            .body(())
            .unwrap();
        let response = services(layer, is_other).oneshot(request).await.unwrap();
        let headers = response.headers();
        let names: Vec<String> = headers.keys().map(ToString::to_string).collect();
        assert_eq!(std::mem::take(&mut *inner.lock().unwrap()), of_the_entry);
        assert_eq!(names, of_both);
        for name in names.iter().filter(|name| name.ends_with("-id")) {
            let values: Vec<_> = headers.get_all(name).iter().collect();
            assert_eq!(values, ["r"], "{name}");
        }
    }
}

/// The outer entry cannot set the header of the inner response, since its own response may be a different one.
#[tokio::test]
async fn an_inner_entry_sets_its_response_header() {
    #[context_entry]
    async fn inner(_headers: HeaderMap) -> Response<String> {
        Response::new(id())
    }
    #[context_entry]
    async fn outer(headers: HeaderMap) -> [String; 3] {
        let response = inner(headers).await;
        let header = response.headers()["x-request-id"].to_str().unwrap();
        [id(), header.to_owned(), response.into_body()]
    }
    assert_eq!(
        outer(HeaderMap::new(SENT)).await,
        ["r"; 3].map(str::to_owned)
    );
}

/// The header is set either by the layer or by the entry.
#[tokio::test]
async fn every_framework_has_the_response_header_once() {
    mod handlers {
        use propagate_context::context_entry;

        use crate::support::wire::id;

        #[context_entry]
        pub(super) async fn of_axum() -> String {
            id()
        }

        #[context_entry]
        pub(super) async fn of_actix() -> String {
            id()
        }

        #[context_entry]
        #[poem::handler]
        pub(super) async fn of_poem(uri: &poem::http::Uri) -> String {
            assert_eq!(uri.path(), "/");
            id()
        }
    }

    let silent = || Inbound::new(&REQUEST_ID).echo(false);
    for echoes in [true, false] {
        let layer = || {
            if echoes {
                ContextLayer::new()
            } else {
                ContextLayer::new().extract(silent())
            }
        };
        let axum = Router::new()
            .route("/", get(handlers::of_axum))
            .layer(layer());
        let actix = move || {
            let middleware = if echoes {
                ContextMiddleware::new()
            } else {
                ContextMiddleware::new().extract(silent())
            };
            actix_web::App::new()
                .wrap(middleware)
                .route("/", actix_web::web::get().to(handlers::of_actix))
        };
        let poem = poem::EndpointExt::with(
            poem::Route::new().at("/", poem::get(handlers::of_poem)),
            layer(),
        );
        for address in [
            serve(axum).await,
            crate::entry_actix::serve(actix),
            crate::entry_poem::serve(poem).await,
        ] {
            let answer = ask(address, "/", &[("x-request-id", b"r")]).await;
            assert_eq!((&*answer.body, answer.id()), ("r", "r"));
        }
    }
}
