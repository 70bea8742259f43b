//! Each option of a request id, with the layer and with actix-web's middleware.

use std::collections::HashMap;

use actix_web::{App, web};
use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use propagate_context::entry::{Entry, EntryExtractor, Inbound};
use propagate_context::http::{ContextLayer, ContextMiddleware};
use propagate_context::traceparent::TRACE_ID;
use propagate_context::{ContextVar, REQUEST_ID, RequestId, context_entry};
use tracing::info;

use crate::support::wire::{Answer, Log, get as ask, id, serve};

type Headers<'h> = &'h [(&'h str, &'h [u8])];

const NONE: Headers<'_> = &[];

/// Applies the same policy to an axum and an actix-web handler that returns the id.
async fn both(
    layer: ContextLayer,
    middleware: fn() -> ContextMiddleware,
    path: &str,
    sent: Headers<'_>,
) -> [Answer; 2] {
    let routes = || async { id() };
    let app = Router::new().fallback(routes).layer(layer);
    let app = ask(serve(app).await, path, sent).await;
    let actix = crate::entry_actix::serve(move || {
        App::new()
            .wrap(middleware())
            .default_service(web::to(async || id()))
    });
    [app, ask(actix, path, sent).await]
}

#[tokio::test]
async fn a_handler_extracts_the_id() {
    let app = Router::new()
        .route("/", get(async |id: RequestId| id.to_string()))
        .route(
            "/option",
            get(async |id: Option<RequestId>| format!("{id:?}")),
        );
    let bare = serve(app.clone()).await;
    let answer = ask(bare, "/", NONE).await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("ContextLayer"), "{}", answer.body);
    assert_eq!(ask(bare, "/option", NONE).await.body, "None");
    let layered = serve(app.layer(ContextLayer::new())).await;
    assert_eq!(ask(layered, "/", &[("x-request-id", b"a")]).await.body, "a");
    let answer = ask(layered, "/option", NONE).await;
    assert_eq!(answer.body, format!("Some(RequestId({:?}))", answer.id()));

    let handler = async |id: RequestId| id.to_string();
    let actix = crate::entry_actix::serve(move || {
        App::new()
            .service(web::scope("/bare").route("", web::get().to(handler)))
            .service(
                web::scope("/layered")
                    .wrap(ContextMiddleware::new())
                    .route("", web::get().to(handler)),
            )
    });
    assert_eq!(ask(actix, "/bare", NONE).await.status, 500);
    assert_eq!(
        ask(actix, "/layered", &[("x-request-id", b"a")]).await.body,
        "a"
    );
}

#[tokio::test]
async fn the_id_is_in_the_extensions_of_the_request() {
    let read = async |request: axum::extract::Request| {
        request
            .extensions()
            .get::<RequestId>()
            .cloned()
            .unwrap()
            .to_string()
    };
    let address = serve(
        Router::new()
            .route("/", get(read))
            .layer(ContextLayer::new()),
    )
    .await;
    assert_eq!(ask(address, "/", &[("x-request-id", b"a")]).await.body, "a");
    let answer = ask(address, "/", NONE).await;
    assert_eq!(answer.body, answer.id());
}

#[tokio::test]
async fn a_generator_can_read_the_request() {
    let layer = ContextLayer::new().generate(|parts| parts.uri.path()[1..].parse().unwrap());
    let middleware =
        || ContextMiddleware::new().generate(|request| request.path()[1..].parse().unwrap());
    for answer in both(layer.clone(), middleware, "/made", NONE).await {
        assert_eq!((answer.id(), &*answer.body), ("made", "made"));
    }
    for answer in both(layer, middleware, "/made", &[("x-request-id", b"a")]).await {
        assert_eq!(answer.id(), "a");
    }
}

#[tokio::test]
async fn paths_can_be_skipped() {
    let layer = ContextLayer::new().skip(|parts| parts.uri.path() == "/health");
    let middleware = || ContextMiddleware::new().skip(|request| request.path() == "/health");
    for answer in both(
        layer.clone(),
        middleware,
        "/health",
        &[("x-request-id", b"a")],
    )
    .await
    {
        assert_eq!(
            (
                answer.status,
                &*answer.body,
                answer.all("x-request-id").len()
            ),
            (200, "", 0)
        );
    }
    for answer in both(layer, middleware, "/other", NONE).await {
        assert_eq!(answer.body, answer.id());
    }
}

#[tokio::test]
async fn a_generated_id_is_transformed_too() {
    let short = || Inbound::new(&REQUEST_ID).transform(|id| id.chars().take(8).collect());
    let layer = ContextLayer::new().extract(short());
    let middleware: fn() -> ContextMiddleware = || {
        ContextMiddleware::new()
            .extract(Inbound::new(&REQUEST_ID).transform(|id| id.chars().take(8).collect()))
    };
    for answer in both(layer, middleware, "/", NONE).await {
        assert_eq!((answer.id().len(), &*answer.body), (8, answer.id()));
    }
    // The result is validated again. If it is not valid, the id stays as generated.
    let spoilt = Inbound::new(&REQUEST_ID).transform(|id| format!("{id} "));
    let context = Entry::new().extract(spoilt).open(&HashMap::new()).unwrap();
    assert_eq!(context.get(&REQUEST_ID).unwrap().as_str().len(), 36);
}

#[test]
fn ids_can_be_short_and_without_hyphens() {
    for (id, length) in [
        (RequestId::new_simple(), 32),
        (RequestId::new_short(12), 12),
        (RequestId::new_short(1), 8),
        (RequestId::new_short(99), 32),
    ] {
        assert_eq!(id.as_str().len(), length);
        assert!(
            id.as_str().bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{id}"
        );
    }
    assert_ne!(RequestId::new_short(12), RequestId::new_short(12));
}

#[tokio::test]
async fn scripts_of_another_origin_can_read_the_id() {
    let exposed = || Inbound::new(&REQUEST_ID).expose(true);
    let middleware: fn() -> ContextMiddleware =
        || ContextMiddleware::new().extract(Inbound::new(&REQUEST_ID).expose(true));
    for answer in both(
        ContextLayer::new().extract(exposed()),
        middleware,
        "/",
        NONE,
    )
    .await
    {
        assert_eq!(
            answer.all("access-control-expose-headers"),
            ["x-request-id"]
        );
    }
    for answer in both(ContextLayer::new(), ContextMiddleware::new, "/", NONE).await {
        assert!(answer.all("access-control-expose-headers").is_empty());
    }
    // Added to the exposed headers, once.
    let theirs = async || {
        (
            [("access-control-expose-headers", "ETag, X-Request-Id")],
            "",
        )
    };
    let others = async || ([("access-control-expose-headers", "ETag")], "");
    let app = Router::new()
        .route("/theirs", get(theirs))
        .route("/others", get(others));
    let address = serve(app.layer(ContextLayer::new().extract(exposed()))).await;
    let answer = ask(address, "/theirs", NONE).await;
    let exposed = answer.all("access-control-expose-headers");
    assert_eq!(exposed, ["ETag, X-Request-Id"]);
    let answer = ask(address, "/others", NONE).await;
    let exposed = answer.all("access-control-expose-headers");
    assert_eq!(exposed, ["ETag", "x-request-id"]);
}

static PARENT: ContextVar<RequestId> = ContextVar::new("parent_request_id").logged();

#[test]
fn a_job_has_its_own_id_and_a_parent_id() {
    let log = Log::capture();
    let jobs = Entry::new().extract(Inbound::new(&REQUEST_ID).into_parent(&PARENT));
    let message = HashMap::from([("x-request-id".to_owned(), "order-7".to_owned())]);
    jobs.open(&message).unwrap().sync_scope(|| {
        info!("done");
        assert_eq!(
            (PARENT.get().unwrap().as_str(), id().len()),
            ("order-7", 36)
        );
    });
    let lines = log.take();
    assert_eq!(
        lines[0].member("parent_request_id").as_deref(),
        Some("order-7")
    );
    jobs.open(&HashMap::new()).unwrap().sync_scope(|| {
        assert_eq!((PARENT.get(), id().len()), (None, 36));
    });
}

#[tokio::test]
async fn lines_can_have_the_trace_id() {
    const PARENT: &[u8] = b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let log = Log::capture();
    let handle = async || {
        info!("handled");
        TRACE_ID.get().map_or(String::new(), |id| id.to_string())
    };
    let logged = ContextLayer::with_policy(Entry::new().logged_trace_id(true));
    for (layer, expected) in [
        (logged, "0af7651916cd43dd8448eb211c80319c"),
        (ContextLayer::new(), ""),
    ] {
        let address = serve(Router::new().route("/", get(handle)).layer(layer)).await;
        let answer = ask(address, "/", &[("traceparent", PARENT)]).await;
        assert_eq!(answer.body, expected);
        let lines = log.take();
        assert_eq!(lines[0].member("trace_id").unwrap_or_default(), expected);
    }
}

/// A worker that is a tower service. Each message has its own scope.
#[tokio::test]
async fn a_tower_service_of_messages() {
    use propagate_context::MessageLayer;
    use propagate_context::entry::MissingValue;
    use tower::{ServiceBuilder, ServiceExt as _};

    static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    type Message = HashMap<String, String>;
    let work = tower::service_fn(async |_: Message| {
        tokio::task::yield_now().await;
        Ok::<_, MissingValue>(format!("{} {:?}", id(), TENANT.get()))
    });
    let policy = Entry::new().extract(Inbound::new(&TENANT).required());
    let worker = ServiceBuilder::new()
        .layer(MessageLayer::new(policy, |message: &Message| {
            message.clone()
        }))
        .service(work);
    let message = |entries: &[(&str, &str)]| -> Message {
        entries
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    };
    let both = message(&[("x-request-id", "a"), ("x-tenant", "acme")]);
    let done = REQUEST_ID
        .scope("worker".parse().unwrap(), worker.clone().oneshot(both))
        .await;
    assert_eq!(done.unwrap(), "a Some(\"acme\")");
    let rejected = worker.oneshot(message(&[("x-request-id", "a")])).await;
    assert_eq!(rejected.unwrap_err().key(), "x-tenant");
}

/// A service that is not ready is not called.
#[test]
fn a_service_is_ready_when_its_inner_one_is() {
    use std::cell::Cell;
    use std::task::Poll;

    use actix_web::body::BoxBody;
    use actix_web::dev::{Service as ActixService, ServiceRequest, ServiceResponse, Transform};
    use futures::FutureExt as _;
    use propagate_context::MessageLayer;
    use propagate_context::entry::MissingValue;
    use propagate_context::http::{ContextLayer, ContextMiddleware};
    use tower::{Layer as _, Service};

    type Cx<'a, 'b> = &'a mut std::task::Context<'b>;

    /// Ready once.
    struct Once(Cell<bool>);
    impl Once {
        fn poll<E>(&self) -> Poll<Result<(), E>> {
            if self.0.replace(false) {
                Poll::Ready(Ok(()))
            } else {
                Poll::Pending
            }
        }
    }
    impl<T> Service<T> for Once {
        type Response = http::Response<String>;
        type Error = MissingValue;
        type Future = std::future::Pending<Result<http::Response<String>, MissingValue>>;
        fn poll_ready(&mut self, _: Cx<'_, '_>) -> Poll<Result<(), MissingValue>> {
            self.poll()
        }
        fn call(&mut self, _: T) -> Self::Future {
            std::future::pending()
        }
    }
    impl ActixService<ServiceRequest> for Once {
        type Response = ServiceResponse<BoxBody>;
        type Error = actix_web::Error;
        type Future = std::future::Pending<Result<ServiceResponse<BoxBody>, actix_web::Error>>;
        fn poll_ready(&self, _: Cx<'_, '_>) -> Poll<Result<(), actix_web::Error>> {
            self.poll()
        }
        fn call(&self, _: ServiceRequest) -> Self::Future {
            std::future::pending()
        }
    }
    fn ready<T, S: Service<T>>(mut service: S) -> [bool; 2] {
        let cx = &mut std::task::Context::from_waker(futures::task::noop_waker_ref());
        [(); 2].map(|()| service.poll_ready(cx).is_ready())
    }
    let once = || Once(Cell::new(true));
    let messages = MessageLayer::new(Entry::new(), HeaderMap::clone).layer(once());
    assert_eq!(ready::<HeaderMap, _>(messages), [true, false]);
    let requests = ContextLayer::new().layer(once());
    assert_eq!(ready::<http::Request<()>, _>(requests), [true, false]);
    let actix = ContextMiddleware::new().new_transform(once());
    let actix = actix.now_or_never().unwrap().unwrap();
    let cx = &mut std::task::Context::from_waker(futures::task::noop_waker_ref());
    assert!(ActixService::poll_ready(&actix, cx).is_ready());
    assert!(ActixService::poll_ready(&actix, cx).is_pending());
}

/// The longest value that is accepted has as many bytes as the option says.
#[test]
fn a_value_may_be_as_long_as_the_limit() {
    static NAME: ContextVar<String> = ContextVar::new("name").header("x-name");
    let inbound = || Inbound::new(&NAME).max_len(5);
    for inbound in [inbound(), inbound().transform(str::to_owned)] {
        let entry = Entry::new().extract(inbound);
        for (name, accepted) in [("12345", true), ("123456", false)] {
            let message = HashMap::from([("x-name".to_owned(), name.to_owned())]);
            let context = entry.open(&message).unwrap();
            assert_eq!(context.get(&NAME).is_some(), accepted, "{name}");
        }
    }
}

#[test]
fn the_ids_of_clouds() {
    const TRACE: &str = "105445aa7843bc8bf206b12000100000";
    let [long, too_long]: [&'static str; 2] = [200, 201].map(|length| &*"z".repeat(length).leak());
    let open = |name: &'static str, value: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        let entry = Entry::new().extract(Inbound::of_cloud());
        entry
            .open(&headers)
            .unwrap()
            .get(&REQUEST_ID)
            .unwrap()
            .to_string()
    };
    for (name, value, id) in [
        (
            "x-amzn-trace-id",
            "Root=1-67891233-abcdef012345678912345678",
            "1-67891233-abcdef012345678912345678",
        ),
        (
            "x-amzn-trace-id",
            "Self=1-67891234-12456789abcdef012345678;Root=1-67891233-abcdef012345678912345678;Sampled=1",
            "1-67891233-abcdef012345678912345678",
        ),
        (
            "x-cloud-trace-context",
            "105445aa7843bc8bf206b12000100000/1;o=1",
            TRACE,
        ),
        ("x-request-id", "order/7", "order/7"),
        (
            "x-request-id",
            "105445aa7843bc8bf206b12000100000/seven",
            "105445aa7843bc8bf206b12000100000/seven",
        ),
        (
            "x-request-id",
            "105445aa7843bc8bf206b12000100000/",
            "105445aa7843bc8bf206b12000100000/",
        ),
        (
            "x-cloud-trace-context",
            "105445aa7843bc8bf206b12000100000/18446744073709551615",
            TRACE,
        ),
        (
            "x-cloud-trace-context",
            "105445aa7843bc8bf206b12000100000;o=1",
            TRACE,
        ),
        (
            "x-request-id",
            "30f14c6c1fc85cba12bfd093aa8f90e3",
            "30f14c6c1fc85cba12bfd093aa8f90e3",
        ),
        ("x-request-id", "a/b", "a/b"),
        // Heroku's limit.
        ("x-request-id", long, long),
    ] {
        assert_eq!(open(name, value), id, "{name}: {value}");
    }
    for (name, value) in [
        ("x-amzn-trace-id", "Root="),
        ("x-amzn-trace-id", "a;b|c"),
        ("x-cloud-trace-context", "no/no;no"),
        ("x-request-id", "a;b"),
        ("x-request-id", "|4bf92f3577b34da6a3ce929d0e0e4736.1."),
        ("x-request-id", too_long),
    ] {
        assert_eq!(open(name, value).len(), 36, "{name}: {value}");
    }
}

/// Only well-formed ids are accepted. Otherwise, an id could leave a directory, or be more than one value in a query.
#[test]
fn dot_segments_are_not_ids() {
    for text in ["..", ".", "../..", "a/../b", "a/..", "./a", "a/./b", "/.."] {
        let error = text.parse::<RequestId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the id has a path segment `.` or `..`",
            "{text}"
        );
    }
    for text in [
        "a.b", "...", ".a", "a..b", "1/2", "a/.b", "a../b", "/", "v1.2/x",
    ] {
        assert!(text.parse::<RequestId>().is_ok(), "{text}");
    }
}

#[context_entry]
async fn entry(parts: axum::extract::Path<u32>) -> String {
    format!("{} {}", id(), parts.0)
}

#[tokio::test]
async fn a_unit_test_calls_an_entry_with_public_names() {
    let mut headers = HeaderMap::new();
    headers.insert("x-request-id", "test-1".parse().unwrap());
    let called = entry(EntryExtractor::with_headers(
        headers,
        axum::extract::Path(7),
    ))
    .await;
    assert_eq!(called.into_inner(), "test-1 7");
    let called = entry(axum::extract::Path(7).into()).await;
    assert_eq!(called.into_inner().len(), 38);
}

/// `Entry::accept` is sufficient for a middleware of any framework. An inner entry runs in the same scope.
#[tokio::test]
async fn a_middleware_of_another_framework() {
    #[context_entry(vars = [TENANT])]
    async fn inner(request: http::Request<()>) -> http::Response<String> {
        http::Response::new(format!(
            "{} {:?} {}",
            id(),
            TENANT.get(),
            request.headers()["x-request-id"].to_str().unwrap()
        ))
    }
    static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
    let serve = async |entry: Entry, request: http::request::Builder| {
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let accepted = entry.accept(&mut parts.headers, &mut parts.extensions);
        let handle = inner(http::Request::from_parts(parts, ()));
        accepted.serve(handle, http::Response::headers_mut).await
    };
    let get = || http::Request::get("/").header("x-tenant", "acme");
    let response = serve(Entry::new(), get().header("x-request-id", "a"))
        .await
        .unwrap();
    assert_eq!(response.body(), "a Some(\"acme\") a");
    assert_eq!(response.headers()["x-request-id"], "a");
    let response = serve(Entry::new(), get()).await.unwrap();
    let made = response.headers()["x-request-id"].to_str().unwrap();
    assert_eq!(response.body(), &format!("{made} Some(\"acme\") {made}"));

    let edge = Entry::new().extract(&TENANT).trust(false);
    let response = serve(edge, get().header("x-request-id", "a"))
        .await
        .unwrap();
    let made = response.headers()["x-request-id"].to_str().unwrap();
    assert_eq!(response.body(), &format!("{made} None {made}"));

    let requiring = Entry::new().extract(Inbound::new(&TENANT).required());
    let rejected = serve(
        requiring,
        http::Request::get("/").header("x-request-id", "a"),
    )
    .await
    .unwrap_err();
    assert_eq!(rejected.to_string(), "the header `x-tenant` is missing");
    assert_eq!(rejected.missing().unwrap().key(), "x-tenant");
    let response = rejected.into_response::<String>();
    assert_eq!(
        (
            response.status().as_u16(),
            &response.headers()["x-request-id"]
        ),
        (400, &"a".parse().unwrap())
    );
    assert!(response.body().contains("\"status\":400"));
    assert_eq!(id(), "");
}

/// A panic, also in a destructor, becomes a 500 with the id, unless panics are configured to unwind.
#[tokio::test]
async fn a_panic_in_a_middleware_of_another_framework() {
    use propagate_context_tests::OnDrop;

    let log = Log::capture();
    let accept = || {
        let request = http::Request::get("/").header("x-request-id", "order-7");
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        ContextLayer::new().accept(&mut parts)
    };
    let headers_mut = http::Response::<()>::headers_mut;
    let panics = async { panic!("on purpose") };
    let error = accept().serve(panics, headers_mut).await.unwrap_err();
    assert_eq!(error.to_string(), "the handler panicked");
    assert_eq!((error.status().as_u16(), error.missing()), (500, None));
    assert_eq!(error.headers()["x-request-id"], "order-7");
    let kept = OnDrop(|| panic!("in a destructor"));
    let returns = async move {
        tokio::task::yield_now().await;
        let _kept = &kept;
        http::Response::new(())
    };
    let error = accept().serve(returns, headers_mut).await.unwrap_err();
    assert_eq!(error.body(), "internal server error");
    let lines = log.take();
    let reported = lines.iter().filter(|line| line.says("after a panic"));
    let ids: Vec<_> = reported.map(|line| line.id().unwrap()).collect();
    assert_eq!(ids, ["order-7", "order-7"]);

    let unwinds = accept()
        .catch_panics(false)
        .serve(async { panic!("on purpose") }, headers_mut);
    assert!(tokio::spawn(unwinds).await.unwrap_err().is_panic());
}

/// A middleware that is dropped before completion drops the handler in the scope of the request.
#[tokio::test]
async fn an_abandoned_request_drops_the_handler_in_the_scope() {
    use propagate_context_tests::{OnDrop, Seen, poll_once};

    let seen = Seen::default();
    let noted = seen.clone();
    let request = http::Request::get("/").header("x-request-id", "order-7");
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let handle = async move {
        let _guard = OnDrop(move || noted.note(id()));
        std::future::pending::<()>().await;
        http::Response::new(())
    };
    let entry = Entry::new();
    let accepted = entry.accept(&mut parts.headers, &mut parts.extensions);
    let mut served = Box::pin(accepted.serve(handle, |response| response.headers_mut()));
    assert!(poll_once(&mut served).is_pending());
    drop(served);
    assert_eq!(seen.take(), ["order-7"]);
    assert_eq!(id(), "");
}
