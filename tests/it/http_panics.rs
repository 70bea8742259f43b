//! If user code panics for untrusted input, that value is dropped. If the policy itself panics, the response is a 500
//! with an id.

use std::fmt;
use std::str::FromStr;

use actix_web::App;
use axum::Router;
use axum::routing::get;
use propagate_context::entry::{Entry, Inbound};
use propagate_context::http::{ContextLayer, ContextMiddleware};
use propagate_context::{Context, ContextVar, REQUEST_ID, RequestId, inject};
use tower::ServiceExt;

use crate::support::wire::{Answer, Log, get as ask, serve};

/// Parses only text of more than ten bytes, and panics for shorter text and in `Display`.
#[derive(Clone, Debug)]
struct Picky;

impl FromStr for Picky {
    type Err = fmt::Error;

    fn from_str(text: &str) -> Result<Self, fmt::Error> {
        let (_head, rest) = text.split_at(10);
        if rest.is_empty() {
            Err(fmt::Error)
        } else {
            Ok(Self)
        }
    }
}

impl fmt::Display for Picky {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("as the test wants");
    }
}

static PICKY: ContextVar<Picky> = ContextVar::new("picky").header("x-picky");
static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

const SHORT: &[(&str, &[u8])] = &[("x-picky", b"short"), ("x-tenant", b"acme")];
const LONG: &[(&str, &[u8])] = &[("x-picky", b"long enough"), ("x-tenant", b"acme")];

async fn seen() -> String {
    format!(
        "{} {}",
        PICKY.get().is_some(),
        TENANT.get().unwrap_or_default()
    )
}

fn picky() -> Inbound<Picky> {
    Inbound::new(&PICKY).echo(true)
}

async fn over_tower(layer: ContextLayer, headers: &[(&str, &[u8])]) -> Answer {
    let app = Router::new().route("/", get(seen)).layer(layer);
    ask(serve(app).await, "/", headers).await
}

async fn over_actix(
    middleware: impl Fn() -> ContextMiddleware + Send + Clone + 'static,
    headers: &[(&str, &[u8])],
) -> Answer {
    let app = move || {
        App::new()
            .wrap(middleware())
            .route("/", actix_web::web::get().to(seen))
    };
    ask(crate::entry_actix::serve(app), "/", headers).await
}

#[tokio::test]
async fn drops_the_value_if_its_parser_panics() {
    let log = Log::capture();
    let layer = ContextLayer::new().extract(picky()).extract(&TENANT);
    let answer = over_tower(layer, SHORT).await;
    assert_eq!((answer.status, &*answer.body), (200, "false acme"));
    let lines = log.take();
    assert!(
        lines[0].says("made its parser panic (5 bytes)"),
        "{lines:#?}"
    );
    assert_eq!(lines[0].id().as_deref(), Some(answer.id()));
    let middleware = || ContextMiddleware::new().extract(picky()).extract(&TENANT);
    let answer = over_actix(middleware, SHORT).await;
    assert_eq!((answer.status, &*answer.body), (200, "false acme"));
}

/// Both are caught, also for a message, and before the parser runs.
#[test]
fn drops_the_value_if_a_transformation_or_a_validator_panics() {
    fn panics<R>(_: &str) -> R {
        panic!("as the test wants");
    }
    let open = |inbound: Inbound<String>| {
        let message = vec![("x-tenant".to_owned(), "acme".to_owned())];
        let context = Entry::new().extract(inbound).open(&message).unwrap();
        (context.get(&TENANT), context.get(&REQUEST_ID).is_some())
    };
    assert_eq!(open(Inbound::new(&TENANT).transform(panics)), (None, true));
    assert_eq!(open(Inbound::new(&TENANT).validate(panics)), (None, true));
}

#[tokio::test]
async fn drops_the_header_if_writing_the_value_panics() {
    let layer = ContextLayer::new()
        .extract(picky().write_request(true))
        .extract(&TENANT);
    let answer = over_tower(layer, LONG).await;
    assert_eq!((answer.status, &*answer.body), (200, "true acme"));
    assert_eq!((answer.id().len(), answer.all("x-picky").len()), (36, 0));
    let middleware = || {
        ContextMiddleware::new()
            .extract(picky().write_request(true))
            .extract(&TENANT)
    };
    let answer = over_actix(middleware, LONG).await;
    assert_eq!((answer.status, &*answer.body), (200, "true acme"));
    assert_eq!((answer.id().len(), answer.all("x-picky").len()), (36, 0));

    let mut out = Vec::new();
    let context = Context::empty()
        .with(&PICKY, Picky)
        .with(&TENANT, "acme".to_owned());
    context.sync_scope(|| inject(&mut out));
    assert_eq!(out, [("x-tenant".to_owned(), "acme".to_owned())]);
}

fn makes_none() -> RequestId {
    panic!("as the test wants");
}

#[tokio::test]
async fn the_response_to_a_panic_in_the_policy_has_an_id() {
    let log = Log::capture();
    let layers = [
        ContextLayer::new().trust(|_| panic!("as the test wants")),
        ContextLayer::new().extract(Inbound::new(&REQUEST_ID).generate(makes_none)),
    ];
    for layer in layers {
        let answer = over_tower(layer, SHORT).await;
        assert_eq!((answer.status, answer.id().len()), (500, 36));
        let lines = log.take();
        assert!(lines[0].says("as the test wants"), "{lines:#?}");
        assert_eq!(lines[0].id().as_deref(), Some(answer.id()));
    }
    let distrusts = || ContextMiddleware::new().trust(|_| panic!("as the test wants"));
    let answer = over_actix(distrusts, SHORT).await;
    assert_eq!((answer.status, answer.id().len()), (500, 36));
}

#[tokio::test]
async fn a_panic_unwinds_with_catch_panics_false() {
    let layer = ContextLayer::new()
        .trust(|_| panic!("as the test wants"))
        .catch_panics(false);
    let app = Router::new().route("/", get(seen)).layer(layer);
    let request = axum::extract::Request::new(axum::body::Body::empty());
    assert!(
        tokio::spawn(app.oneshot(request))
            .await
            .unwrap_err()
            .is_panic()
    );
}
