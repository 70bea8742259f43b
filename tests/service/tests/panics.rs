//! A panic that becomes a response is one log line, with and without the hook. In a separate process, since the hook is
//! global.

use std::panic;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use propagate_context::http::ContextLayer;
use propagate_context::install_panic_hook;
use propagate_context::testing::{Line, Test};
use tower::ServiceExt;

/// The lines of a request whose handler panics.
async fn lines() -> Vec<Line> {
    async fn handler() {
        panic!("out of paper")
    }

    let app = Router::new()
        .route("/", get(handler))
        .layer(ContextLayer::new());
    let request = Request::get("/")
        .header("x-request-id", "r-17")
        .body(Body::empty());
    let finished = Test::new().run(app.oneshot(request.unwrap())).await;
    assert_eq!(finished.result.unwrap().status(), 500);
    // The line of the hook is written by a separate thread; a panic waits for it, but not forever.
    while finished.logs.lines().is_empty() {
        tokio::task::yield_now().await;
    }
    finished.logs.lines()
}

#[tokio::test]
async fn a_panic_is_one_line() {
    panic::set_hook(Box::new(|_| ())); // the panics here are meant
    let [line] = &lines().await[..] else {
        panic!("one line without the hook")
    };
    assert_eq!(line.field("panic"), Some("out of paper"));
    assert_eq!(line.variable("request_id"), Some("r-17"));

    install_panic_hook();
    for _ in 0..2 {
        let [line] = &lines().await[..] else {
            panic!("one line with the hook")
        };
        assert_eq!(
            (line.target.as_str(), line.field("reason")),
            ("panic", Some("out of paper"))
        );
        assert_eq!(line.variable("request_id"), Some("r-17"));
    }
}
