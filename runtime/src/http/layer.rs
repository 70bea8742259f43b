//! `ContextLayer`: the scope of every request of an application.

use std::fmt::{self, Display};
use std::str::FromStr;
use std::sync::Arc;

use http::request::Parts;
use tower_layer::Layer;

use super::service::ContextService;
use crate::entry::{Entry, Inbound};
use crate::var::ContextVar;

/// Opens the scope of each request, and gives it an id.
///
/// The inner service is called and polled in the scope, and the response's body is polled and dropped in it: streams,
/// server-sent events, upgrades, clients that go away. What inner code sets stays for the rest of the request.
///
/// The id is in every response that passes through: 404, 405, rejections of extractors, and the 500 that is made of a
/// panic further in. It reads and answers `x-request-id`, and carries `traceparent` and `tracestate` through;
/// [`extract`](Self::extract) takes more, or otherwise.
///
/// # At the edge
///
/// <div class="warning">
///
/// A valid id of the client is taken, which is what one wants between services. On a public listener, say who is
/// trusted: `.trust(|parts| parts.headers.contains_key("x-from-our-proxy"))`, or nobody: `.trust(|_| false)`. What is not
/// trusted here is not read by layers and `#[context_entry]` functions further in either.
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
    policy: Arc<Policy>,
}

pub(super) type Policy = super::server_policy::Policy<Parts>;

impl Default for ContextLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl ContextLayer {
    /// Takes or makes `x-request-id`, answers with it, and carries `traceparent` and `tracestate` through.
    pub fn new() -> Self {
        Self::with_policy(Entry::new())
    }

    /// Does as `entry` says, which messages and jobs may share: a whole policy, where [`extract`](Self::extract) adds one
    /// variable to it.
    pub fn with_policy(entry: Entry) -> Self {
        Self {
            policy: Policy::new(entry),
        }
    }

    /// Takes one variable more, or in another way than before: see [`Entry::extract`].
    ///
    /// # Panics
    ///
    /// If nothing can bring the variable: it is declared with neither a header nor a baggage key, and none is given
    /// here.
    #[track_caller]
    pub fn extract<T>(mut self, inbound: impl Into<Inbound<T>>) -> Self
    where
        T: Display + FromStr + Send + Sync + 'static,
        T::Err: 'static,
    {
        self.policy.extract(inbound);
        self
    }

    /// Takes one variable less.
    pub fn without<T: Send + Sync + 'static>(mut self, variable: &'static ContextVar<T>) -> Self {
        self.policy.without(variable);
        self
    }

    /// Reads the headers only of requests that `trusted` says `true` to.
    pub fn trust(mut self, trusted: impl Fn(&Parts) -> bool + Send + Sync + 'static) -> Self {
        self.policy.trust(trusted);
        self
    }

    /// Whether a panic further in is answered with a plain 500 that has the id (which is the default).
    ///
    /// With `false` it goes on to whatever stands further out, such as a `CatchPanicLayer` with a page of its own, and
    /// the id is in the response only if that stands further in than this layer.
    pub fn catch_panics(mut self, catch: bool) -> Self {
        self.policy.catch_panics(catch);
        self
    }
}

impl<S> Layer<S> for ContextLayer {
    type Service = ContextService<S>;

    fn layer(&self, inner: S) -> ContextService<S> {
        ContextService::with_policy(inner, self.policy.clone())
    }
}

impl fmt::Debug for ContextLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextLayer")
            .field("policy", &self.policy)
            .finish()
    }
}
