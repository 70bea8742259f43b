//! `ContextLayer` as a poem middleware.

use std::fmt;
use std::mem;

use poem::{Endpoint, Error, IntoResponse, Middleware, Request, Response, Result};

use super::body::body_in_scope;
use crate::context::current;
use crate::http::layer::ContextLayer;

/// Uses the layer as a poem middleware, for a whole application:
///
/// ```
/// use poem::{Endpoint as _, EndpointExt as _, Route, get, handler};
/// use propagate_context::RequestId;
/// use propagate_context::http::ContextLayer;
///
/// #[handler]
/// async fn show(id: RequestId) -> String {
///     id.to_string()
/// }
///
/// // The last `with` is the outermost.
/// let app = Route::new().at("/", get(show)).with(ContextLayer::new());
/// # futures::executor::block_on(async {
/// let response = app.get_response(poem::Request::builder().uri_str("/nowhere").finish()).await;
/// assert_eq!(response.status(), 404);
/// assert!(response.headers().contains_key("x-request-id"));
/// # });
/// ```
///
/// The functions that are passed to [`trust`](ContextLayer::trust), [`skip`](ContextLayer::skip) and
/// [`generate`](ContextLayer::generate) find poem's `RemoteAddr` in the extensions of the request.
///
/// If the inner endpoint returns an error, outer middleware receives an error as well, but one that is made from the
/// response with the id. It does not have the original error type, so use `catch_error` for a specific type inside of
/// this layer.
impl<E: Endpoint> Middleware<E> for ContextLayer {
    type Output = ContextEndpoint<E>;

    fn transform(&self, inner: E) -> ContextEndpoint<E> {
        ContextEndpoint {
            inner,
            layer: self.clone(),
        }
    }
}

/// A poem endpoint that serves each request in its own scope: see [`ContextLayer`].
pub struct ContextEndpoint<E> {
    inner: E,
    layer: ContextLayer,
}

impl<E: Endpoint> Endpoint for ContextEndpoint<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let (mut parts, ()) = http::Request::new(()).into_parts();
        parts.method = request.method().clone();
        parts.uri = request.uri().clone();
        parts.version = request.version();
        let peer = request.remote_addr().clone();
        mem::swap(&mut parts.headers, request.headers_mut());
        mem::swap(&mut parts.extensions, request.extensions_mut());
        parts.extensions.insert(peer);
        let accepted = self.layer.accept(&mut parts);
        mem::swap(&mut parts.headers, request.headers_mut());
        mem::swap(&mut parts.extensions, request.extensions_mut());
        let rest = async {
            let mut failed = false;
            let response = match self.inner.call(request).await {
                Ok(output) => output.into_response(),
                Err(error) => {
                    failed = true;
                    error.into_response()
                }
            };
            let response = match current::share() {
                Some(scope) => body_in_scope(response, scope),
                None => response,
            };
            (response, failed)
        };
        match accepted
            .serve(rest, |(response, _)| response.headers_mut())
            .await
        {
            Ok((response, false)) => Ok(response),
            // Still an error, for outer middleware that handles errors.
            Ok((response, true)) => Err(Error::from_response(response)),
            Err(error) => {
                let mut response = Response::from((error.status(), error.body()));
                *response.headers_mut() = error.headers().clone();
                Ok(response)
            }
        }
    }
}

impl<E> fmt::Debug for ContextEndpoint<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextEndpoint")
            .field("layer", &self.layer)
            .finish_non_exhaustive()
    }
}
