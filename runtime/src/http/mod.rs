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
//! let layer = ContextLayer::new().extract(&TENANT);
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
//! [`ClientLayer`] (feature `tower`) adds the headers that variables declare to what goes out, for clients that are
//! tower services of `http::Request`, such as hyper's and tonic's. For others [`outbound_headers`] are the same headers,
//! and [`inject`](crate::inject) writes them into any header map.
//!
//! A client of reqwest is a service of requests of its own, so the headers are given to it:
//!
//! ```text
//! client.get(url).headers(outbound_headers()).send().await?; // in place of what `.header(..)` set before
//!
//! let mut request = client.get(url).header("x-request-id", "explicit").build()?;
//! inject(request.headers_mut());                             // beside it
//! client.execute(request).await?;
//! ```
//!
//! Neither asks who may see them: call it for your own hosts alone. Or put [`ClientLayer::only`] in front, and make
//! requests of reqwest's behind it:
//!
//! ```text
//! ServiceBuilder::new()
//!     .layer(ClientLayer::new().only(ours))
//!     .filter(|request: http::Request<String>| reqwest::Request::try_from(request))
//!     .service(client)
//! ```
//!
//! # gRPC
//!
//! Both layers do for tonic what they do for HTTP: `Server::builder().layer(ContextLayer::new())` and
//! `Client::new(ClientLayer::new().layer(channel))`. Interceptors and streams run in the scope, and an error has the id
//! in its metadata. What the layer answers by itself is a gRPC status: `INTERNAL` for a panic, `INVALID_ARGUMENT` where
//! something required is missing. Metadata is a carrier by its header map:
//!
//! ```text
//! inject(request.metadata_mut().as_mut());
//! #[context_entry(carrier = request.metadata().as_ref())] // where there is no layer
//! ```
//!
//! # Upgraded connections
//!
//! axum and poem spawn what `on_upgrade` is given. In a function with `#[propagate_context]` or `#[context_entry]` a
//! closure there takes the context along: `ws.on_upgrade(|socket| chat(socket))`. The name of a function is no closure
//! (`ws.on_upgrade(chat)` loses it). By hand it is
//!
//! ```text
//! let context = Context::current();
//! ws.on_upgrade(move |socket| context.scope(chat(socket)))
//! ```

#[cfg(feature = "actix-web")]
mod actix;
#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "tower")]
mod body;
#[cfg(any(feature = "actix-web", feature = "tower"))]
mod catch_panic;
#[cfg(feature = "tower")]
mod client;
#[cfg(feature = "tower")]
mod error_response;
#[cfg(feature = "tower")]
mod layer;
pub(crate) mod plain_response;
#[cfg(feature = "poem")]
mod poem;
mod response_headers;
#[cfg(any(feature = "actix-web", feature = "tower"))]
mod server_policy;
#[cfg(feature = "tower")]
mod service;

use ::http::{HeaderMap, HeaderName};

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
use crate::context::snapshot::Context;

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
