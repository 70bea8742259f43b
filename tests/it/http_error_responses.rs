//! The layer's error responses use the protocol of the request.

use std::convert::Infallible;

use axum::body::HttpBody as _;
use axum::http::{Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use propagate_context::ContextVar;
use propagate_context::entry::Inbound;
use propagate_context::http::ContextLayer;
use tower::{Layer as _, ServiceExt as _, service_fn};

static TENANT: ContextVar<String> = ContextVar::new("tenant").header("x-tenant");

async fn panics(_: Request<()>) -> Result<Response<Full<axum::body::Bytes>>, Infallible> {
    panic!("as the test wants");
}

/// Returns the status, `grpc-status`, and the body.
async fn answer(
    layer: ContextLayer,
    version: Version,
    content_type: &str,
) -> (u16, String, String) {
    let request = Request::builder()
        .version(version)
        .header("content-type", content_type)
        .body(())
        .unwrap();
    let response = layer
        .layer(service_fn(panics))
        .oneshot(request)
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let ends_with_its_headers = body.is_end_stream();
    assert_eq!(parts.headers["x-request-id"].len(), 36);
    let code = parts.headers.get("grpc-status");
    let code = code.map_or("", |code| code.to_str().unwrap()).to_owned();
    let body = body.collect().await.unwrap().to_bytes();
    assert_eq!(ends_with_its_headers, body.is_empty());
    (
        parts.status.as_u16(),
        code,
        String::from_utf8(body.into()).unwrap(),
    )
}

#[tokio::test]
async fn grpc_errors_are_in_headers() {
    for (version, content_type, is_grpc) in [
        (Version::HTTP_2, "application/grpc", true),
        (Version::HTTP_2, "application/grpc+proto", true),
        (Version::HTTP_2, "application/grpc;charset=utf-8", true),
        (Version::HTTP_2, "application/grpc-web", false),
        (Version::HTTP_2, "application/json", false),
        (Version::HTTP_11, "application/grpc", false),
    ] {
        let panicked = answer(ContextLayer::new(), version, content_type).await;
        let requires = ContextLayer::new().extract(Inbound::new(&TENANT).required());
        let (status, code, body) = answer(requires, version, content_type).await;
        let text = |text: &str| text.to_owned();
        if is_grpc {
            assert_eq!(panicked, (200, text("13"), text("")), "{content_type}");
            assert_eq!(
                (status, code, body),
                (200, text("3"), text("")),
                "{content_type}"
            );
        } else {
            let expected = (500, text(""), text("internal server error"));
            assert_eq!(panicked, expected, "{content_type}");
            assert_eq!((status, code), (400, text("")), "{content_type}");
            assert!(
                body.contains("`x-tenant` is missing"),
                "{content_type}: {body}"
            );
        }
    }
}
