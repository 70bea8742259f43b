//! actix-web's middleware covers the same cases as the layer, with the same options.

use std::future::ready;
use std::task::Poll;

use actix_web::dev::Service as _;
use actix_web::error::InternalError;
use actix_web::http::StatusCode;
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Bytes;
use actix_web::{App, Error, HttpRequest, HttpResponse, web};
use futures::stream;
use propagate_context::entry::{Entry, Inbound};
use propagate_context::http::ContextMiddleware;
use propagate_context::{ContextVar, REQUEST_ID, context_entry};
use propagate_context_tests::{OnDrop, poll_once};
use tokio::sync::mpsc;
use tracing::info;

use crate::entry_actix::serve;
use crate::support::wire::{Log, all_have_id, ask, get as fetch, id};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

#[context_entry]
async fn entry() -> String {
    let spawned = actix_web::rt::spawn(async { id() }).await.unwrap();
    format!("{} {spawned}", id())
}

fn failed() -> Error {
    InternalError::new(format!("failed as {}", id()), StatusCode::IM_A_TEAPOT).into()
}

async fn streaming() -> HttpResponse {
    HttpResponse::Ok().streaming(stream::once(async {
        tokio::task::yield_now().await;
        Ok::<_, Error>(Bytes::from(id()))
    }))
}

async fn panics() -> String {
    tokio::task::yield_now().await;
    panic!("as the test wants");
}

/// The received headers that belong to variables, the id or the trace.
async fn seen(request: HttpRequest) -> String {
    let header = |name| {
        let all: Vec<_> = request
            .headers()
            .get_all(name)
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        all.join(",")
    };
    format!("[{}] [{}]", header("x-request-id"), header("x-tenant"))
}

#[tokio::test]
async fn the_middleware_covers_every_response() {
    let address = serve(|| {
        App::new()
            .wrap(ContextMiddleware::new().extract(&TENANT))
            .route("/entry", web::get().to(entry))
            .route(
                "/bare",
                web::get().to(async || format!("{} {}", id(), TENANT.get().unwrap_or_default())),
            )
            .route(
                "/json",
                web::post().to(async |_: web::Json<Vec<u32>>| "json"),
            )
            .route("/error", web::get().to(async || Err::<String, _>(failed())))
            .route("/stream", web::get().to(streaming))
            .route("/panic", web::get().to(panics))
    });
    for (method, path, body, status, expected) in [
        ("GET", "/entry", "", 200, "order-7 order-7"),
        ("GET", "/bare", "", 200, "order-7 acme"),
        ("POST", "/json", "[1]", 200, "json"),
        ("POST", "/json", "[1, not", 400, ""),
        ("GET", "/error", "", 418, "failed as order-7"),
        ("GET", "/stream", "", 200, "order-7"),
        ("GET", "/nowhere", "", 404, ""),
        ("GET", "/panic", "", 500, "internal server error"),
    ] {
        let headers: [(&str, &[u8]); 3] = [
            ("x-request-id", b"order-7"),
            ("x-tenant", b"acme"),
            ("content-type", b"application/json"),
        ];
        let answer = ask(address, method, path, &headers, body).await;
        assert_eq!((answer.status, answer.id()), (status, "order-7"), "{path}");
        assert!(answer.body.contains(expected), "{path}: {}", answer.body);
    }
    assert_eq!(fetch(address, "/entry", &[]).await.id().len(), 36);
}

const SENT: [(&str, &[u8]); 2] = [("x-request-id", b"order-7"), ("x-tenant", b"acme")];

/// If the layer writes values into the request, inner code does not read untrusted ones either.
#[tokio::test]
async fn an_untrusted_request_is_not_read() {
    let address = serve(|| {
        let middleware = ContextMiddleware::new()
            .extract(Inbound::new(&REQUEST_ID).write_request(true))
            .extract(Inbound::new(&TENANT).write_request(true))
            .trust(|request| request.headers().contains_key("x-inside"));
        App::new().wrap(middleware).route("/", web::get().to(seen))
    });
    let inside = fetch(address, "/", &[SENT[0], SENT[1], ("x-inside", b"1")]).await;
    assert_eq!(
        (inside.id(), &*inside.body),
        ("order-7", "[order-7] [acme]")
    );

    let outside = fetch(address, "/", &SENT).await;
    let made = outside.id();
    assert_eq!((made.len(), &*outside.body), (36, &*format!("[{made}] []")));
}

#[tokio::test]
async fn untrusted_values_are_removed_from_the_request() {
    let address = serve(|| {
        App::new()
            .wrap(ContextMiddleware::new().extract(&TENANT).trust(|_| false))
            .route("/", web::get().to(seen))
    });
    let answer = fetch(address, "/", &SENT).await;
    assert_eq!(
        (answer.id().len(), &*answer.body),
        (36, &*format!("[{}] []", answer.id()))
    );
}

/// The connection breaks, as it does without the middleware, and nothing of the request is left on the worker.
#[tokio::test]
async fn a_panic_unwinds_with_catch_panics_false() {
    let address = serve(|| {
        App::new()
            .wrap_fn(|request, next| {
                assert_ne!(request.path(), "/at-once", "as the test wants");
                next.call(request)
            })
            .wrap(ContextMiddleware::new().catch_panics(false))
            .route("/panic", web::get().to(panics))
            .default_service(web::to(async || id()))
            .wrap_fn(|request, next| {
                assert_eq!(id(), "");
                next.call(request)
            })
    });
    for path in ["/panic", "/at-once"] {
        assert_eq!(fetch(address, path, &SENT).await.status, 0, "{path}");
    }
    let answer = fetch(address, "/", &[]).await;
    assert_eq!((answer.status, answer.id()), (200, &*answer.body));
    assert_eq!(answer.body.len(), 36);
}

#[tokio::test]
async fn a_missing_required_value_is_rejected_by_name() {
    let address = serve(|| {
        App::new()
            .wrap(ContextMiddleware::new().extract(Inbound::new(&TENANT).required()))
            .default_service(web::to(async || "reached"))
    });
    let answer = fetch(address, "/", &SENT).await;
    assert_eq!((answer.status, &*answer.body), (200, "reached"));
    let answer = fetch(address, "/", &SENT[..1]).await;
    assert_eq!((answer.status, answer.id()), (400, "order-7"));
    assert_eq!(answer.all("content-type"), ["application/problem+json"]);
    assert!(answer.body.contains("the header `x-tenant` is missing"));
}

#[tokio::test]
async fn a_middleware_joins_the_scope_of_a_middleware() {
    let address = serve(|| {
        App::new()
            .default_service(web::to(async || {
                format!("{} {}", id(), TENANT.get().unwrap_or_default())
            }))
            .wrap(ContextMiddleware::new())
            .wrap(ContextMiddleware::with_policy(
                Entry::new().extract(&TENANT),
            ))
    });
    let answer = fetch(address, "/", &SENT[1..]).await;
    assert_eq!(answer.body, format!("{} acme", answer.id()));
}

#[tokio::test]
async fn without_removes_a_variable() {
    let address = serve(|| {
        App::new()
            .wrap(
                ContextMiddleware::new()
                    .extract(&TENANT)
                    .without(&REQUEST_ID),
            )
            .default_service(web::to(async || {
                format!("{} {}", id(), TENANT.get().unwrap_or_default())
            }))
    });
    let answer = fetch(address, "/", &SENT).await;
    assert_eq!(
        (&*answer.body, answer.all("x-request-id").len()),
        (" acme", 0)
    );
}

#[tokio::test]
async fn a_handler_may_set_the_header_itself() {
    let address = serve(|| {
        let own = async || {
            HttpResponse::Ok()
                .insert_header(("x-request-id", "own"))
                .finish()
        };
        App::new()
            .wrap(ContextMiddleware::new())
            .default_service(web::to(own))
    });
    assert_eq!(fetch(address, "/", &SENT).await.id(), "own");
}

#[tokio::test]
async fn a_body_is_dropped_in_the_scope() {
    let (tell, mut told) = mpsc::unbounded_channel();
    let address = serve(move || {
        let tell = tell.clone();
        let body = move || {
            let tell = tell.clone();
            let guard = OnDrop(move || tell.send(id()).unwrap());
            let mut chunk = Some(Ok::<_, Error>(Bytes::from("chunk")));
            let chunks = stream::poll_fn(move |_| {
                let _guard = &guard;
                Poll::Ready(chunk.take())
            });
            ready(HttpResponse::Ok().streaming(chunks))
        };
        App::new()
            .wrap(ContextMiddleware::new())
            .default_service(web::to(body))
    });
    assert!(fetch(address, "/", &SENT).await.body.contains("chunk"));
    assert_eq!(told.recv().await.as_deref(), Some("order-7"));
}

#[tokio::test]
async fn an_abandoned_request_is_logged() {
    let log = Log::capture();
    let pending = async || {
        let _guard = OnDrop(|| info!("the handler is dropped"));
        std::future::pending::<String>().await
    };
    let app = App::new()
        .wrap(ContextMiddleware::new())
        .default_service(web::to(pending));
    let app = init_service(app).await;
    let request = TestRequest::get().insert_header(("x-request-id", "given-up"));
    let mut call = Box::pin(app.call(request.to_request()));
    assert!(poll_once(&mut call).is_pending());
    drop(call);
    let lines = log.take();
    assert_eq!(lines.len(), 2, "{lines:#?}");
    assert!(all_have_id(&lines, "given-up"), "{lines:#?}");
}

/// An inner entry does not read it either, although it would on its own.
#[tokio::test]
async fn inner_entries_do_not_read_an_untrusted_request() {
    #[context_entry(vars = [TENANT])]
    async fn believes() -> String {
        format!("{} {}", id(), TENANT.get().unwrap_or_default())
    }
    #[context_entry(vars = [TENANT])]
    async fn believes_too(request: HttpRequest) -> String {
        format!(
            "{} {}",
            id(),
            TENANT.get().map_or(request.headers().len(), |_| 0)
        )
    }
    for trusted in [false, true] {
        let address = serve(move || {
            App::new()
                .wrap(ContextMiddleware::new().trust(move |_| trusted))
                .route("/inlet", web::get().to(believes))
                .route("/request", web::get().to(believes_too))
        });
        let sent: &[(&str, &[u8])] = &[("x-tenant", b"acme"), ("x-request-id", b"a")];
        for path in ["/inlet", "/request"] {
            let answer = fetch(address, path, sent).await;
            let (seen, rest) = answer.body.split_once(' ').unwrap();
            assert_eq!((seen, seen == "a"), (answer.id(), trusted), "{path}");
            assert_eq!(["acme", "0"].contains(&rest), trusted, "{path}: {rest}");
        }
    }
}
