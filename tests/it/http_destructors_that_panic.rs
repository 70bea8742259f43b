//! If a destructor of the handler's future panics after the response is ready, the response is a 500, as for any panic.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use http::{Request, Response};
use propagate_context::http::ContextLayer;
use tower::{ServiceBuilder, ServiceExt as _, service_fn};

use crate::support::wire::Log;

/// Drops the value together with the future, after its last poll. An async block would drop it during that poll.
struct PanicsInDrop {
    in_poll_too: bool,
}

impl Future for PanicsInDrop {
    type Output = Result<Response<Body>, Infallible>;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        assert!(!self.in_poll_too, "as the test wants, in poll");
        Poll::Ready(Ok(Response::new(Body::empty())))
    }
}

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("as the test wants, in drop");
    }
}

#[tokio::test]
async fn the_response_is_500_with_the_id() {
    for in_poll_too in [false, true] {
        let log = Log::capture();
        let service = ServiceBuilder::new()
            .layer(ContextLayer::new())
            .service(service_fn(move |_: Request<()>| PanicsInDrop {
                in_poll_too,
            }));
        let request = Request::get("/")
            .header("x-request-id", "a")
            .body(())
            .unwrap();
        let response = service.oneshot(request).await.unwrap();
        assert_eq!(
            (
                response.status().as_u16(),
                &response.headers()["x-request-id"]
            ),
            (500, &"a".parse().unwrap())
        );
        let lines = log.take();
        assert!(!lines.is_empty());
        assert!(
            lines.iter().all(|line| line.id().as_deref() == Some("a")),
            "{lines:#?}"
        );
    }
}
