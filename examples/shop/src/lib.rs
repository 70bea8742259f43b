//! The common code of the three processes of the shop: the tenant, the order, the log, HTTP and NATS.

mod http;
mod nats;

use std::env;

use propagate_context::ContextVar;
use serde::{Deserialize, Serialize};

pub use http::{Client, serve};
pub use nats::{NatsHeaders, STREAM, SUBJECT, connect};

/// The seller. Like the request id, it is on every line and is propagated from process to process.
pub static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("X-Tenant");

/// An error during startup, or in a request to another process.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// An order: the body of the requests, and the payload of the job.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Order {
    /// The number, chosen by the client.
    pub number: u32,
    /// The item, of which one is ordered.
    pub item: String,
}

/// Installs a subscriber that logs JSON lines with the context, and logs panics in the same way.
pub fn log() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .map_event_format(propagate_context::tracing::with_context)
        .init();
    propagate_context::install_panic_hook();
}

/// Returns a setting from the environment, such as the address of another process.
///
/// # Errors
///
/// Returns an error if the environment variable is not set.
pub fn setting(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|error| format!("`{name}`: {error}; `./run` sets it").into())
}
