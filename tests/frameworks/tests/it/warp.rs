//! warp: the layer around the service, and an entry with `carrier`.

use http::HeaderMap;
use propagate_context::http::ContextLayer;
use propagate_context::{context_entry, propagate_context};
use tower::Layer as _;
use warp::Filter as _;

use crate::support::id;

#[propagate_context]
async fn show(order: u32) -> Result<String, warp::Rejection> {
    let spawned = tokio::spawn(async { id() }).await.unwrap();
    Ok(format!("{order} {} {spawned}", id()))
}

#[context_entry(carrier = headers)]
async fn entry(headers: HeaderMap) -> Result<String, warp::Rejection> {
    drop(headers);
    Ok(id())
}

#[tokio::test]
async fn the_layer_and_an_entry() {
    let show = warp::path!("show" / u32).and_then(show);
    let entry = || {
        warp::path!("entry")
            .and(warp::header::headers_cloned())
            .and_then(entry)
    };
    let answer = warp::test::request()
        .path("/entry")
        .header("x-request-id", "order-7")
        .reply(&entry())
        .await;
    assert_eq!(answer.body(), "order-7");

    let service = ContextLayer::new().layer(warp::service(show.or(entry())));
    for (path, status, body) in [
        ("/show/7", 200, "7 order-7 order-7"),
        ("/entry", 200, "order-7"),
        ("/nowhere", 404, ""),
    ] {
        let request = http::Request::get(path).header("x-request-id", "order-7");
        let request = request
            .body(http_body_util::Empty::<bytes::Bytes>::new())
            .unwrap();
        let response = tower::ServiceExt::oneshot(service.clone(), request)
            .await
            .unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers()["x-request-id"], "order-7", "{path}");
        let read = http_body_util::BodyExt::collect(response.into_body())
            .await
            .unwrap();
        assert_eq!(read.to_bytes(), body, "{path}");
    }
}
