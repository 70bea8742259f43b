//! `ClientLayer`: adds the declared variables to the headers of outgoing requests.

use std::fmt;
use std::sync::Arc;
use std::task::{self, Poll};

use http::{Request, Uri};
use tower_layer::Layer;
use tower_service::Service;

use super::inner_service::inner_service_methods;
use crate::context::snapshot::Context;

/// Adds the headers that the current context's variables declare to each outgoing request.
///
/// Only variables that are declared with a header or a baggage key are sent. A header that the caller has set is left
/// unchanged, so a retry keeps the id of the first attempt; only `baggage` is extended by the context's members. Use
/// [`only`](Self::only) to restrict the hosts that receive the headers: without it every host does, including those of
/// third parties.
///
/// # Redirects
///
/// The layer sees the request, but not what the client does with it. A client that follows redirects internally, as
/// reqwest's does by default, repeats all headers to any host that a response redirects to, including hosts that
/// [`only`](Self::only) excludes. Follow redirects *outside* of the layer instead, where each hop is a separate
/// request: put tower-http's `FollowRedirectLayer` before this layer, and build reqwest's client with
/// `.redirect(reqwest::redirect::Policy::none())`. For reqwest, `propagate-context-reqwest` does all of this.
///
/// # Example
///
/// ```
/// use propagate_context::http::ClientLayer;
///
/// let layer = ClientLayer::new().only(|uri| uri.host().is_some_and(|host| host.ends_with(".internal")));
/// # drop(layer);
/// // let client = tower::ServiceBuilder::new().layer(layer).service(hyper_client);
/// ```
#[derive(Clone, Default)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct ClientLayer {
    only: Option<Arc<Only>>,
}

type Only = dyn Fn(&Uri) -> bool + Send + Sync;

impl ClientLayer {
    /// Creates a layer that adds the headers to requests to every host.
    pub const fn new() -> Self {
        Self { only: None }
    }

    /// Adds the headers only to requests to a URI for which `may_see` returns `true`.
    ///
    /// Redirects have to be followed outside of the layer: see [above](Self#redirects).
    ///
    /// Compare the host rather than the authority, which may begin with a user name, as in
    /// `http://stock.internal@example.com`.
    ///
    /// ```
    /// use propagate_context::http::ClientLayer;
    ///
    /// let layer = ClientLayer::new().only(|uri| uri.host() == Some("stock.internal"));
    /// # drop(layer);
    /// ```
    pub fn only(mut self, may_see: impl Fn(&Uri) -> bool + Send + Sync + 'static) -> Self {
        self.only = Some(Arc::new(may_see));
        self
    }
}

impl<S> Layer<S> for ClientLayer {
    type Service = ContextClient<S>;

    fn layer(&self, inner: S) -> ContextClient<S> {
        ContextClient {
            inner,
            layer: self.clone(),
        }
    }
}

/// A client service that propagates the context: see [`ClientLayer`].
#[derive(Clone)]
pub struct ContextClient<S> {
    inner: S,
    layer: ClientLayer,
}

impl<S> ContextClient<S> {
    /// Wraps `inner` with [`ClientLayer::new`].
    pub const fn new(inner: S) -> Self {
        Self {
            inner,
            layer: ClientLayer::new(),
        }
    }

    /// Adds the headers only to requests to a URI for which `may_see` returns `true`: see [`ClientLayer::only`].
    ///
    /// ```
    /// use propagate_context::http::ContextClient;
    ///
    /// # let client = "any client";
    /// let client = ContextClient::new(client).only(|uri| uri.host() == Some("stock.internal"));
    /// # drop(client);
    /// ```
    #[must_use]
    pub fn only(mut self, may_see: impl Fn(&Uri) -> bool + Send + Sync + 'static) -> Self {
        self.layer = self.layer.only(may_see);
        self
    }
}

inner_service_methods!(ContextClient);

impl<S, B> Service<Request<B>> for ContextClient<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    #[inline]
    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        if self
            .layer
            .only
            .as_ref()
            .is_none_or(|may_see| may_see(request.uri()))
        {
            Context::of_values().inject(request.headers_mut());
        }
        self.inner.call(request)
    }
}

impl fmt::Debug for ClientLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientLayer")
            .field("only", &self.only.as_ref().map(|_| ".."))
            .finish()
    }
}

impl<S: fmt::Debug> fmt::Debug for ContextClient<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextClient")
            .field("inner", &self.inner)
            .field("layer", &self.layer)
            .finish()
    }
}
