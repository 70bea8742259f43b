//! HTTP: the layer for servers, the layer for clients, and what `#[context_entry]` needs.
//!
//! # Server
//!
//! [`ContextLayer`] (feature `tower`) opens the scope of each request and gives it an id: one layer for a whole
//! application, whatever stands behind it.
//!
//! ```
//! # #[cfg(feature = "tower")] {
//! use propagate_context::ContextVar;
//! use propagate_context::http::ContextLayer;
//!
//! static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");
//!
//! let layer = ContextLayer::new().entry(&TENANT);
//! # drop(layer);
//! # }
//! // let app = axum::Router::new().route("/", get(index)).layer(layer);
//! ```
//!
//! Put it outermost (with axum: the last `.layer(..)`): log lines have the id wherever it stands, but the id can
//! stand only on responses that pass through it, and a `TimeoutLayer` or a `CorsLayer` further out answers by itself.
//!
//! # CORS
//!
//! A script on another origin may send the header, and read it from the response, where both are allowed:
//!
//! ```text
//! CorsLayer::new()
//!     .allow_headers([X_REQUEST_ID, CONTENT_TYPE])
//!     .expose_headers([X_REQUEST_ID])
//! ```
//!
//! # Client
//!
//! [`ClientLayer`] (feature `tower`) adds the headers that variables declare to what goes out;
//! [`outbound_headers`] are the same headers for clients that are no tower services.

#[cfg(feature = "actix-web")]
mod actix;
mod answer;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "tower")]
mod body;
#[cfg(feature = "tower")]
mod client;
#[cfg(feature = "tower")]
mod layer;
pub(crate) mod outlet;
#[cfg(any(feature = "actix-web", feature = "tower"))]
mod panics;
#[cfg(feature = "poem")]
mod poem;
#[cfg(feature = "tower")]
mod service;

use ::http::{HeaderMap, HeaderName, Request, request::Parts};

#[cfg(feature = "actix-web")]
pub use self::actix::{ContextMiddleware, ContextMiddlewareService, ScopedBody};
#[cfg(feature = "tower")]
pub use self::body::ContextBody;
#[cfg(feature = "tower")]
pub use self::client::{ClientLayer, ContextClient};
#[cfg(feature = "tower")]
pub use self::layer::ContextLayer;
#[cfg(feature = "tower")]
pub use self::service::{ContextService, ResponseFuture};
use crate::carrier::Carrier;
use crate::context::Context;

/// `x-request-id`, for lists of allowed and exposed headers.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The headers that the current context sends along, for a client that is no tower service:
/// `reqwest_client.get(url).headers(outbound_headers())`.
#[must_use]
pub fn outbound_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    Context::current().inject(&mut headers);
    headers
}

impl<B> Carrier for Request<B> {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers().visit(key, each);
    }
}

impl Carrier for Parts {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        self.headers.visit(key, each);
    }
}
