//! HTTP and gRPC: layers for servers and clients.
//!
//! # Servers
//!
//! [`ContextLayer`] (feature `tower`) opens the scope of each request and gives it an id: one layer for a whole application of
//! axum, tonic, or any tower service of HTTP. [`ContextMiddleware`] (feature `actix-web`) does the same for actix-web.
//!
//! ```
//! # #[cfg(feature = "axum")] {
//! use axum::{Router, routing::get};
//! use propagate_context::ContextVar;
//! use propagate_context::http::ContextLayer;
//!
//! static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("x-tenant");
//!
//! let app: Router = Router::new()
//!     .route("/", get(async || "hello"))
//!     .layer(ContextLayer::new().extract(&TENANT));
//! # }
//! ```
//!
//! Put it outermost (with axum: the last `.layer(..)`). Log lines have the id wherever it is, but only responses that pass
//! through it get the header, and a `TimeoutLayer` or a `CorsLayer` around it responds by itself.
//!
//! For gRPC, a response of the layer itself is a status: `INTERNAL` for a panic, `INVALID_ARGUMENT` for a missing required
//! value. [Each framework](crate::_guide::frameworks), CORS and upgraded connections have an example in the guide.
//!
//! # Clients
//!
//! [`ClientLayer`] (feature `tower`) adds the headers that variables declare to the requests of a client that is a tower
//! service of `http::Request`, such as hyper's and tonic's. For others, [`outbound_headers`] returns the same headers, and
//! [`inject`](crate::inject) writes them into any header map. [Clients](crate::_guide::outbound) have a chapter in the guide.

mod accept;
#[cfg(feature = "actix-web")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "tower")]
mod body;
mod catch_panic;
#[cfg(feature = "tower")]
mod client;
mod error_response;
mod extractor;
mod header_map;
#[cfg(feature = "tower")]
mod inner_service;
#[cfg(feature = "tower")]
mod layer;
pub(crate) mod plain_response;
#[cfg(feature = "poem")]
mod poem;
#[cfg(any(feature = "actix-web", feature = "tower"))]
mod policy_methods;
#[cfg(feature = "tower")]
mod protocol;
#[cfg(any(feature = "actix-web", feature = "axum", feature = "poem"))]
mod respond;
mod response_headers;
mod serve;
#[cfg(any(feature = "actix-web", feature = "tower"))]
mod server_policy;
#[cfg(feature = "tower")]
mod service;
mod untrusted;

use ::http::{HeaderMap, HeaderName};

#[cfg(feature = "actix-web")]
pub use self::actix::{ContextMiddleware, ContextMiddlewareService, ScopedBody};
pub use self::error_response::ErrorResponse;
pub use self::extractor::MissingRequestId;
#[cfg(feature = "poem")]
pub use self::poem::ContextEndpoint;
pub use self::serve::{AcceptedRequest, Serve};
#[cfg(feature = "tower")]
pub use self::{
    body::ContextBody,
    client::{ClientLayer, ContextClient},
    layer::ContextLayer,
    service::{ContextService, ResponseFuture},
};
use crate::context::snapshot::Context;

/// `x-request-id`, for lists of allowed and exposed headers.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The headers of the current context's declared variables, for a client that is not a tower service.
///
/// There is no filter of hosts: use it for requests to your own hosts, with a client that does not follow redirects by itself
/// (reqwest: `.redirect(reqwest::redirect::Policy::none())`). A client that does repeats the headers to any host that a
/// response names. For reqwest, the package `propagate-context-reqwest` has a filter that holds across redirects; for tower
/// services, [`ClientLayer`] (feature `tower`).
#[must_use]
pub fn outbound_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    Context::of_values().inject(&mut headers);
    headers
}
