//! Wraps the body of a poem response, so that it is polled and dropped in the scope of its request.

use http_body_util::combinators::BoxBody;
use poem::{Body, Response, ResponseParts};

use crate::context::frame::SharedFrame;
use crate::context::saved_scope::SavedScope;
use crate::http::body::{ContextBody, Expected};

/// Returns the response with its body in `scope`. The body is boxed here, because poem's conversion from other body
/// types loses the size hint.
pub(super) fn body_in_scope(response: Response, scope: SharedFrame) -> Response {
    let inner: http::Response<BoxBody<_, _>> = http::Response::from(response).map(BoxBody::from);
    let mut response = ContextBody::of(inner, Expected::Perhaps);
    response
        .body_mut()
        .enter_scope(Some(SavedScope::new(scope)));
    let (parts, body) = response.into_parts();
    let parts = ResponseParts {
        status: parts.status,
        version: parts.version,
        headers: parts.headers,
        extensions: parts.extensions,
    };
    Response::from_parts(parts, Body::from(BoxBody::new(body)))
}
