//! The HTTP server, and an HTTP client that propagates the context.

use axum::Router;
use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, Request};
use hyper_util::client::legacy::{Client as Hyper, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use propagate_context::http::{ClientLayer, ContextClient};
use tokio::net::TcpListener;
use tower::{Layer, ServiceExt};
use tracing::info;

use crate::{Error, Order};

/// A client that posts orders to another process of the shop, with the headers of the current context's variables.
#[derive(Clone, Debug)]
pub struct Client {
    host: String,
    http: ContextClient<Hyper<HttpConnector, Body>>,
}

impl Client {
    /// Creates a client of the process that listens on `host`.
    #[must_use]
    pub fn of(host: String) -> Self {
        // Send ids and tenants only to processes of the shop, and not, for example, to a payment provider.
        let shop = host.clone();
        let layer = ClientLayer::new()
            .only(move |uri| uri.authority().is_some_and(|to| to.as_str() == shop));
        let http = layer.layer(Hyper::builder(TokioExecutor::new()).build_http());
        Self { host, http }
    }

    /// Posts `order`. The layer adds the context.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no response, or if its status is not a success.
    pub async fn post(&self, path: &str, order: &Order) -> Result<(), Error> {
        let request = Request::post(format!("http://{}{path}", self.host))
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .body(Body::from(serde_json::to_vec(order)?))?;
        let status = self.http.clone().oneshot(request).await?.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(format!("`{path}` of {} responded with {status}", self.host).into())
        }
    }
}

/// Serves `app` on `address` until the process is stopped.
///
/// # Errors
///
/// Returns an error if the address cannot be bound.
pub async fn serve(address: &str, app: Router) -> Result<(), Error> {
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}"))?;
    info!(address, "listening");
    axum::serve(listener, app).await?;
    Ok(())
}
