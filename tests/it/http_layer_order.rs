//! In any order of layers, the lines of the handler have the id, and so has each response that passes through the
//! layer, including the 500 of a panic.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use propagate_context::http::ContextLayer;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;
use tracing::info;

use crate::support::wire::{Log, get as ask, serve};

fn routes() -> Router {
    Router::new()
        .route("/ok", get(async || info!("in the handler")))
        .route("/panic", get(panics))
}

async fn panics() {
    info!("in the handler");
    panic!("as the test wants");
}

fn timeout() -> TimeoutLayer {
    TimeoutLayer::with_status_code(
        StatusCode::REQUEST_TIMEOUT,
        std::time::Duration::from_secs(60),
    )
}

/// Other layers, with the context layer after `place` of them: 0 is innermost.
fn app(place: usize) -> Router {
    type Add = fn(Router) -> Router;
    let others: [Add; 4] = [
        |app| app.layer(TraceLayer::new_for_http()),
        |app| app.layer(CatchPanicLayer::new()),
        |app| app.layer(timeout()),
        |app| app.layer(CorsLayer::permissive()),
    ];
    let ours: Add = |app| app.layer(ContextLayer::new());
    let (inner, outer) = others.split_at(place);
    inner
        .iter()
        .chain([&ours])
        .chain(outer)
        .fold(routes(), |app, add| add(app))
}

#[tokio::test]
async fn works_at_any_position() {
    let log = Log::capture();
    for place in 0..=4 {
        let address = serve(app(place)).await;
        for (path, status) in [("/ok", 200), ("/panic", 500), ("/nowhere", 404)] {
            let answer = ask(address, path, &[("x-request-id", b"order-7")]).await;
            assert_eq!(
                (answer.status, answer.id()),
                (status, "order-7"),
                "{path} at {place}"
            );
            let lines = log.take();
            let own: Vec<_> = lines
                .iter()
                .filter(|line| line.says("in the handler"))
                .collect();
            assert_eq!(
                own.len(),
                usize::from(path != "/nowhere"),
                "{path} at {place}"
            );
            assert!(
                own.iter()
                    .all(|line| line.id().as_deref() == Some("order-7")),
                "{path} at {place}: {own:?}"
            );
        }
    }
}

/// With `catch_panics(false)`, another layer may catch the panic. If it is an inner one, its response has the id.
#[tokio::test]
async fn a_panic_unwinds_with_catch_panics_false() {
    let page = |_| {
        axum::response::Response::builder()
            .status(503)
            .body("our page".to_owned())
            .unwrap()
    };
    let quiet = || ContextLayer::new().catch_panics(false);

    let inside = serve(routes().layer(CatchPanicLayer::custom(page)).layer(quiet())).await;
    let answer = ask(inside, "/panic", &[("x-request-id", b"order-7")]).await;
    assert_eq!(
        (answer.status, answer.body.as_str(), answer.id()),
        (503, "our page", "order-7")
    );

    let outside = serve(routes().layer(quiet()).layer(CatchPanicLayer::custom(page))).await;
    let answer = ask(outside, "/panic", &[]).await;
    assert_eq!((answer.status, answer.all("x-request-id").len()), (503, 0));
}

/// The panic is logged once, in the context of its request.
#[tokio::test]
async fn a_panic_is_reported_with_its_id() {
    let log = Log::capture();
    let address = serve(routes().layer(ContextLayer::new())).await;
    ask(address, "/panic", &[("x-request-id", b"order-7")]).await;
    let lines = log.take();
    let told: Vec<_> = lines
        .iter()
        .filter(|line| line.says("answered with 500 after a panic"))
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].id().as_deref(), Some("order-7"));
    assert!(told[0].says("as the test wants") && told[0].says("ERROR"));
}
