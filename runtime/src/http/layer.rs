//! `ContextLayer`: opens the scope of every request of an application.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use http::request::Parts;
use tower_layer::Layer;

use super::policy_methods::policy_methods;
use super::serve::AcceptedRequest;
use super::server_policy::Policy;
use super::service::ContextService;
use crate::entry::{Entry, Inbound};
use crate::request_id::RequestId;
use crate::var::ContextVar;

/// Opens a scope for each request and assigns the request an id.
///
/// The inner service is called and polled in the scope, and the response's body is polled and dropped in it. This
/// covers streams, server-sent events, upgrades, and clients that disconnect. Values that inner code sets are kept for
/// the rest of the request.
///
/// Every response that passes through the layer has the id: 404, 405, rejections of extractors, and the 500 after a
/// panic of the inner service. By default the layer extracts and echoes `x-request-id`, and forwards `traceparent` and
/// `tracestate`. [`extract`](Self::extract) adds variables, or changes how one is extracted.
///
/// The request that the inner service receives has the id in its header, for inner code that reads it there
/// ([`Inbound::write_request`] with `false` turns that off), and in its extensions, as a [`RequestId`].
///
/// # At the edge
///
/// <div class="warning">
///
/// By default the layer accepts a valid id from the client, as is usual between services. On a public listener, specify
/// which requests are trusted: `.trust(|parts| parts.headers.contains_key("x-from-our-proxy"))`, or `.trust(|_| false)`
/// to trust none. From an untrusted request the layer removes the headers and `baggage` members that variables are
/// extracted from, so inner layers, `#[context_entry]` functions and handlers do not see them either.
///
/// </div>
///
/// # Example
///
/// ```
/// use propagate_context::entry::Inbound;
/// use propagate_context::http::ContextLayer;
/// use propagate_context::{ContextVar, REQUEST_ID, RequestId};
///
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");
///
/// let layer = ContextLayer::new()
///     .extract(Inbound::from(&REQUEST_ID).headers(["x-request-id", "x-correlation-id"]).generate(RequestId::new_v7))
///     .extract(&TENANT);
/// # drop(layer);
/// ```
#[derive(Clone)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct ContextLayer {
    policy: Arc<Policy<Parts>>,
}

policy_methods!(ContextLayer, Parts, "request.headers", "request.uri.path()");

impl ContextLayer {
    /// Opens the scope of a request, or joins the one that an outer layer opened for it, and changes `parts` as the
    /// layer does.
    ///
    /// Use it in the middleware of a framework that does not run its handlers within a tower service.
    /// [`serve`](AcceptedRequest::serve) then runs the rest of the application in the scope, or without a scope if
    /// [`skip`](Self::skip) applies to the request. The guide has such a middleware for
    /// [Salvo and rocket](crate::_guide::frameworks). For poem, this layer itself is a middleware (feature `poem`).
    ///
    /// ```
    /// use http::{Request, Response};
    /// use propagate_context::REQUEST_ID;
    /// use propagate_context::http::{ContextBody, ContextLayer};
    ///
    /// # type Body = String;
    /// # async fn next(_: Request<Body>) -> Response<Body> {
    /// #     Response::new(REQUEST_ID.get().unwrap().to_string())
    /// # }
    /// async fn middleware(layer: &ContextLayer, request: Request<Body>) -> Response<ContextBody<Body>> {
    ///     let (mut parts, body) = request.into_parts();
    ///     let accepted = layer.accept(&mut parts);
    ///     let rest = async { next(Request::from_parts(parts, body)).await.map(ContextBody::in_current_scope) };
    ///     match accepted.serve(rest, Response::headers_mut).await {
    ///         Ok(response) => response,
    ///         Err(error) => error.into_response().map(ContextBody::in_current_scope),
    ///     }
    /// }
    ///
    /// let request = Request::new(String::new());
    /// let response = futures::executor::block_on(middleware(&ContextLayer::new(), request));
    /// assert!(response.headers().contains_key("x-request-id"));
    /// ```
    pub fn accept(&self, parts: &mut Parts) -> AcceptedRequest<'static> {
        AcceptedRequest::of_layer(self.policy.clone(), parts)
    }
}

impl<S> Layer<S> for ContextLayer {
    type Service = ContextService<S>;

    fn layer(&self, inner: S) -> ContextService<S> {
        ContextService::with_policy(inner, self.policy.clone())
    }
}
