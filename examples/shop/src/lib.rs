//! What the three processes of the shop share: the tenant, the order, the log, and the ways to each other.

mod http;
mod nats;

use std::env;

use propagate_context::ContextVar;
use serde::{Deserialize, Serialize};

pub use http::{Client, serve};
pub use nats::{NatsHeaders, STREAM, SUBJECT, connect};

/// Who sells. Like the request id, it is on every line and is propagated from process to process.
pub static TENANT: ContextVar<String> = ContextVar::new("tenant").logged().header("X-Tenant");

/// An error while a process starts, or in a call of another.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// What is bought: the body of the requests, and the payload of the job.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Order {
    /// Chosen by the client.
    pub number: u32,
    /// One of its kind.
    pub item: String,
}

/// Logs JSON lines with the context on each, panics included.
pub fn log() {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .map_event_format(propagate_context::tracing::with_context)
        .init();
    propagate_context::install_panic_hook();
}

/// A setting from the environment, such as where another process listens.
///
/// # Errors
///
/// If there is none of this name.
pub fn setting(name: &str) -> Result<String, Error> {
    env::var(name).map_err(|error| format!("`{name}`: {error}; `./run` sets it").into())
}
