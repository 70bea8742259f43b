//! What the three processes share: the variables, the set-up of the log, a client that sends the context along, and
//! the headers of NATS as a carrier.

use std::error::Error;

use async_nats::HeaderMap;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use propagate_context::http::{ClientLayer, ContextClient};
use propagate_context::{Carrier, CarrierMut, ContextVar, Unfit};
use serde::{Deserialize, Serialize};
use tower::{Layer, ServiceExt};

/// Who orders: on every log line, in a header to our own services, and in the headers of jobs.
pub static CUSTOMER: ContextVar<String> = ContextVar::new("customer").logged().header("X-Customer");

/// The stream of jobs, and the subject that orders are published on.
pub const STREAM: &str = "SHOP";
pub const SUBJECT: &str = "shop.orders";

pub type Failure = Box<dyn Error + Send + Sync>;

/// An order, on its way from the client to the worker.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Order {
    pub item: String,
    #[serde(default)]
    pub price: u32,
}

/// JSON lines on the standard output, with the variables of the context on each.
pub fn log() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .map_event_format(propagate_context::tracing::with_context)
        .init();
}

/// A setting of this process.
pub fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// A client for our own services, and for nobody else: the context is sent to loopback only.
pub fn client() -> ContextClient<Client<HttpConnector, Body>> {
    ClientLayer::new()
        .only(|uri| uri.host() == Some("127.0.0.1"))
        .layer(Client::builder(TokioExecutor::new()).build_http())
}

/// Sends a request and reads the JSON that comes back.
pub async fn fetch<T: for<'de> Deserialize<'de>>(
    client: ContextClient<Client<HttpConnector, Body>>,
    request: Request<Body>,
) -> Result<T, Failure> {
    let response = client.oneshot(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(format!("answered with {status}").into());
    }
    Ok(serde_json::from_slice(&body)?)
}

/// The headers of a NATS message. (async-nats is not at 1.0 yet, so the library has no feature for it; this is all it
/// would hold.)
#[derive(Default)]
pub struct Headers(pub HeaderMap);

impl Carrier for Headers {
    fn visit(&self, key: &str, each: &mut dyn FnMut(&[u8])) {
        for (name, values) in self.0.iter() {
            let name: &str = name.as_ref();
            if name.eq_ignore_ascii_case(key) {
                values
                    .iter()
                    .for_each(|value| each(value.as_str().as_bytes()));
            }
        }
    }
}

impl CarrierMut for Headers {
    fn insert(&mut self, key: &str, value: &str) -> Result<(), Unfit> {
        if value.contains(['\r', '\n']) {
            return Err(Unfit::new("a header of NATS is one line"));
        }
        self.0.insert(key, value);
        Ok(())
    }
}
