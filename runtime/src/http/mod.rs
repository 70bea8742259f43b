//! HTTP and gRPC: layers for servers and clients.
//!
//! # Servers
//!
//! [`ContextLayer`] (feature `tower`) opens a scope for each request and assigns the request an id. One layer covers a
//! whole application of axum, tonic, or any other tower service of HTTP. [`ContextMiddleware`] (feature `actix-web`)
//! does the same for actix-web.
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
//! Make it the outermost layer (with axum: the last `.layer(..)`). Log lines inside the layer always have the id, but
//! only responses that pass through the layer get the header: a `TimeoutLayer` or `CorsLayer` outside of it can respond
//! without one.
//!
//! If the layer itself responds to a gRPC request, the response is a gRPC status: `INTERNAL` for a panic,
//! `INVALID_ARGUMENT` for a missing required value. The guide has examples for
//! [each framework](crate::_guide::frameworks), CORS and upgraded connections.
//!
//! # Clients
//!
//! [`ClientLayer`] (feature `tower`) adds the headers that variables declare to the requests of a client that is a
//! tower service of `http::Request`, such as hyper's and tonic's. For other clients, [`outbound_headers`] returns the
//! same headers, and [`inject`](crate::inject) writes them into any header map. See the guide's chapter on
//! [clients](crate::_guide::outbound).

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

/// The header name `x-request-id`, for example for CORS lists of allowed and exposed headers.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Returns the headers of the current context's declared variables, for a client that is not a tower service.
///
/// The headers are not filtered by host. Send them only to your own hosts, with a client that does not follow redirects
/// automatically (reqwest: `.redirect(reqwest::redirect::Policy::none())`): a client that does repeats the headers to
/// any host that a response redirects to. For reqwest, the package `propagate-context-reqwest` filters by host on every
/// redirect. For tower services, use [`ClientLayer`] (feature `tower`).
#[must_use]
pub fn outbound_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    Context::of_values().inject(&mut headers);
    headers
}
