//! Regardless of the number of entries that a request passes through, it has one id and one scope.

use axum::Router;
use axum::routing::get;
use http_body_util::BodyExt;
use propagate_context::entry::Inbound;
use propagate_context::http::ContextLayer;
use propagate_context::traceparent::TRACEPARENT;
use propagate_context::{ContextVar, REQUEST_ID, context_entry, propagate_context, task};
use tower::ServiceExt;

use crate::support::wire::{Log, get as ask, serve};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");
static LEVEL: ContextVar<u8> = ContextVar::new("level").header("x-level");

fn seen() -> String {
    let id = REQUEST_ID.get().map(|id| id.to_string());
    format!(
        "{} {}",
        id.unwrap_or_default(),
        TENANT.get().unwrap_or_default()
    )
}

#[context_entry(header = "X-Request-ID", vars = [TENANT])]
async fn entry() -> String {
    seen()
}

#[context_entry(layer)]
async fn behind_the_layer() -> String {
    seen()
}

#[propagate_context]
async fn calls_an_entry() -> String {
    behind_the_layer().await
}

#[tokio::test]
async fn an_entry_joins_the_scope_of_the_layer() {
    let app = Router::new()
        .route("/", get(entry))
        .layer(ContextLayer::new());
    let address = serve(app).await;
    let answer = ask(address, "/", &[("x-tenant", b"acme")]).await;
    assert_eq!(answer.body, format!("{} acme", answer.id()));
    let answer = ask(
        address,
        "/",
        &[("x-tenant", b"acme"), ("x-request-id", b"a")],
    )
    .await;
    assert_eq!((answer.body.as_str(), answer.id()), ("a acme", "a"));
}

#[tokio::test]
async fn an_entry_works_without_a_layer() {
    let address = serve(Router::new().route("/", get(entry))).await;
    let answer = ask(address, "/", &[("x-tenant", b"acme")]).await;
    assert_eq!(answer.body, format!("{} acme", answer.id()));
}

/// Each layer adds the variables that the other one did not extract, and does not open another scope.
#[tokio::test]
async fn a_layer_joins_the_scope_of_a_layer() {
    let inner = ContextLayer::new().extract(&LEVEL);
    let app = Router::new()
        .route("/", get(async || format!("{} {:?}", seen(), LEVEL.get())))
        .layer(inner)
        .layer(ContextLayer::new().extract(&TENANT));
    let address = serve(app).await;
    let answer = ask(address, "/", &[("x-tenant", b"acme"), ("x-level", b"3")]).await;
    assert_eq!(answer.body, format!("{} acme Some(3)", answer.id()));
}

/// Between the layer and the handler, a value is set while a snapshot exists, which copies the scope.
#[tokio::test]
async fn a_write_between_layer_and_entry_keeps_one_scope() {
    let between = axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
        let _snapshot = propagate_context::Context::current();
        TENANT.set("set".to_owned());
        next.run(request).await
    });
    let app = Router::new()
        .route("/", get(entry))
        .layer(between)
        .layer(ContextLayer::new());
    let address = serve(app).await;
    let answer = ask(address, "/", &[("x-tenant", b"acme")]).await;
    assert_eq!(answer.body, format!("{} set", answer.id()));
}

/// A tracer between the two sets a newer position in the trace.
#[tokio::test]
async fn a_trace_set_between_layer_and_entry_is_kept() {
    const CAME: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const OURS: &str = "00-0af7651916cd43dd8448eb211c80319c-00f067aa0ba902b7-01";
    #[context_entry]
    async fn traced() -> String {
        TRACEPARENT.get().unwrap().to_string()
    }
    let between = axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
        TRACEPARENT.set(OURS.parse().unwrap());
        next.run(request).await
    });
    let app = Router::new()
        .route("/", get(traced))
        .layer(between)
        .layer(ContextLayer::new());
    let answer = ask(serve(app).await, "/", &[("traceparent", CAME.as_bytes())]).await;
    assert_eq!(answer.body, OURS);
}

/// Another header for the same id is set in addition to the first.
#[tokio::test]
async fn an_entry_can_have_another_response_header() {
    #[context_entry(header = ["X-Correlation-ID", "X-Request-ID"])]
    async fn correlated() -> String {
        seen()
    }
    let app = Router::new()
        .route("/", get(correlated))
        .layer(ContextLayer::new());
    let address = serve(app).await;
    let answer = ask(
        address,
        "/",
        &[("x-correlation-id", b"c"), ("x-request-id", b"r")],
    )
    .await;
    assert_eq!(
        (
            answer.body.as_str(),
            answer.id(),
            &answer.all("x-correlation-id")[..]
        ),
        ("r ", "r", &["r"][..])
    );
}

#[tokio::test]
async fn without_its_layer_an_entry_warns_and_has_an_id() {
    let log = Log::capture();
    let app = Router::new().route("/", get(calls_an_entry));
    let bare = serve(app.clone()).await;
    let answer = ask(bare, "/", &[("x-request-id", b"a")]).await;
    assert_eq!(answer.body.trim_end().len(), 36);
    let lines = log.take();
    assert_eq!(lines.len(), 1, "{lines:#?}");
    assert!(lines[0].says("WARN") && lines[0].says("behind_the_layer"));
    assert_eq!(lines[0].id().as_deref(), Some(answer.body.trim_end()));

    let layered = serve(app.layer(ContextLayer::new())).await;
    let answer = ask(layered, "/", &[("x-request-id", b"a")]).await;
    assert_eq!(answer.body, "a ");
    assert!(log.take().is_empty());
}

#[tokio::test]
async fn an_untrusted_request_is_not_read() {
    let layer = ContextLayer::new()
        .extract(Inbound::new(&REQUEST_ID).write_request(true))
        .extract(&TENANT)
        .trust(|parts| parts.headers.contains_key("x-inside"));
    let handler =
        async |headers: axum::http::HeaderMap| format!("{} {:?}", seen(), headers["x-request-id"]);
    let address = serve(Router::new().route("/", get(handler)).layer(layer)).await;

    let inside = ask(
        address,
        "/",
        &[
            ("x-inside", b"1"),
            ("x-request-id", b"a"),
            ("x-tenant", b"acme"),
        ],
    )
    .await;
    assert_eq!((inside.body.as_str(), inside.id()), ("a acme \"a\"", "a"));

    let outside = ask(
        address,
        "/",
        &[("x-request-id", b"a"), ("x-tenant", b"acme")],
    )
    .await;
    let id = outside.id();
    assert_eq!(
        (outside.body.clone(), id.len()),
        (format!("{id}  \"{id}\""), 36)
    );
}

#[context_entry(vars = [TENANT])]
async fn entry_of_headers(headers: axum::http::HeaderMap) -> String {
    format!("{} {}", seen(), headers.len() > 1)
}

/// Inner entries and layers do not read it either, although they would on their own.
#[tokio::test]
async fn inner_entries_do_not_read_an_untrusted_request() {
    let routes = || {
        Router::new()
            .route("/entry", get(entry))
            .route("/headers", get(entry_of_headers))
    };
    let believing = || ContextLayer::new().extract(&TENANT);
    let doubting = || ContextLayer::new().trust(|_| false);
    let sent: &[(&str, &[u8])] = &[("x-request-id", b"evil"), ("x-tenant", b"evil")];
    for app in [
        routes().layer(doubting()),
        routes().layer(believing()).layer(doubting()),
    ] {
        let address = serve(app).await;
        for path in ["/entry", "/headers"] {
            let answer = ask(address, path, sent).await;
            assert!(!answer.body.contains("evil"), "{path}: {}", answer.body);
            assert_eq!(answer.id().len(), 36);
            assert!(answer.body.starts_with(answer.id()));
        }
    }
    // Values that the outer layer has extracted are kept.
    let layers = routes().layer(doubting()).layer(ContextLayer::new());
    let address = serve(layers).await;
    for path in ["/entry", "/headers"] {
        let answer = ask(address, path, sent).await;
        assert!(answer.body.starts_with("evil "), "{path}: {}", answer.body);
        assert_eq!(answer.body.matches("evil").count(), 1, "{path}");
    }
}

/// Sends two requests to `app` within this process.
async fn two_requests(app: Router) -> String {
    let mut seen = Vec::new();
    for (id, tenant) in [("r1", "a"), ("r2", "b")] {
        let request = axum::extract::Request::get("/")
            .header("x-request-id", id)
            .header("x-tenant", tenant)
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        seen.push(String::from_utf8(body.to_vec()).unwrap());
    }
    seen.join(", ")
}

/// A handler calls another application in the process, or a child of the handler serves a request, as in a tunnel.
#[tokio::test]
async fn a_request_sent_by_a_handler_has_its_own_id() {
    let apps = [
        Router::new().route("/", get(entry)),
        Router::new()
            .route("/", get(async || seen()))
            .layer(ContextLayer::new().extract(&TENANT)),
    ];
    for app in apps {
        let here = app.clone();
        let outer = Router::new()
            .route("/", get(async || two_requests(here).await))
            .route(
                "/child",
                get(async || task::spawn(two_requests(app)).await.unwrap()),
            )
            .layer(ContextLayer::new().extract(&TENANT));
        let address = serve(outer).await;
        for path in ["/", "/child"] {
            let sent: &[(&str, &[u8])] = &[("x-request-id", b"r0"), ("x-tenant", b"other")];
            let answer = ask(address, path, sent).await;
            assert_eq!(answer.body, "r1 a, r2 b", "{path}");
            assert_eq!(answer.id(), "r0");
        }
    }
}

/// A middleware passes the same request to a task, so that it is served completely.
#[tokio::test]
async fn a_request_served_by_a_child_keeps_its_scope() {
    let on_a_task = axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
        task::spawn(next.run(request)).await.unwrap()
    });
    let app = Router::new()
        .route("/", get(entry))
        .layer(on_a_task)
        .layer(ContextLayer::new());
    let address = serve(app).await;
    let answer = ask(address, "/", &[("x-tenant", b"acme")]).await;
    assert_eq!(answer.body, format!("{} acme", answer.id()));
}

/// On a thread without the context of the request, a new id is better than the id of another request.
#[tokio::test]
async fn a_request_without_its_scope_opens_a_new_one_and_stays_untrusted() {
    let on_a_bare_task = || {
        axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
            tokio::spawn(next.run(request)).await.unwrap()
        })
    };
    let routes = || Router::new().route("/", get(entry)).layer(on_a_bare_task());
    let sent: &[(&str, &[u8])] = &[("x-request-id", b"r0"), ("x-tenant", b"acme")];
    let address = serve(routes().layer(ContextLayer::new())).await;
    assert_eq!(ask(address, "/", sent).await.body, "r0 acme");
    let doubting = ContextLayer::new().trust(|_| false);
    let address = serve(routes().layer(doubting)).await;
    let answer = ask(address, "/", sent).await;
    assert_eq!(answer.body, format!("{} ", answer.id()));
}

/// For example, in a worker that takes requests from a queue, whose current scope is that of another request.
#[tokio::test]
async fn a_request_in_the_scope_of_another_opens_its_own_scope() {
    let routes = || Router::new().route("/", get(entry));
    let in_the_scope_of_another =
        axum::middleware::from_fn(async |request, next: axum::middleware::Next| {
            let another = http::Request::builder()
                .header("x-request-id", "r1")
                .body(axum::body::Body::empty())
                .unwrap();
            let mut taken = Some(next.run(request));
            let handle = tower::service_fn(move |_: http::Request<axum::body::Body>| {
                let taken = taken.take().unwrap();
                async move { Ok::<_, std::convert::Infallible>(taken.await) }
            });
            let service = tower::ServiceBuilder::new()
                .layer(ContextLayer::new())
                .service(handle);
            service.oneshot(another).await
        });
    let address = serve(
        routes()
            .layer(in_the_scope_of_another)
            .layer(ContextLayer::new()),
    )
    .await;
    let sent: &[(&str, &[u8])] = &[("x-request-id", b"r0"), ("x-tenant", b"acme")];
    assert_eq!(ask(address, "/", sent).await.body, "r0 acme");
}
