// The README's programs use these features; without them its first sentence has to do.
#![cfg_attr(
    all(feature = "axum", feature = "macros", feature = "tracing"),
    doc = include_str!("../README.md")
)]
#![cfg_attr(
    not(all(feature = "axum", feature = "macros", feature = "tracing")),
    doc = "A request id that stays on every log line."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc(test(attr(deny(warnings))))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod additions;
mod annotated;
pub mod baggage;
#[cfg(feature = "request-id")]
mod batch;
mod carried;
mod carrier;
mod closure;
mod context;
mod context_map;
mod current;
mod default;
#[cfg(feature = "request-id")]
pub mod entry;
mod error;
mod frame;
mod guard;
mod home;
#[cfg(feature = "http")]
pub mod http;
mod http_token;
#[cfg(feature = "log")]
pub mod log;
mod mark;
mod outbound;
#[cfg(any(feature = "log", feature = "tracing"))]
mod panic;
#[cfg(feature = "request-id")]
mod propagator;
mod report;
#[cfg(feature = "request-id")]
pub mod request_id;
mod scope;
#[cfg(any(feature = "log", feature = "tracing"))]
mod show;
mod table;
#[cfg(feature = "tokio")]
pub mod task;
mod text;
mod token;
pub mod traceparent;
#[cfg(feature = "tracing")]
pub mod tracing;
mod var;

#[cfg(feature = "request-id")]
pub use batch::{Batch, LINKED_REQUEST_IDS, LinkedRequestIds};
pub use carried::Carried;
pub use carrier::{Carrier, CarrierMut, Unfit};
pub use context::{Context, visit_logged};
pub use context_map::ContextMap;
pub use error::{NoScope, Unparsable};
pub use outbound::inject;
#[cfg(any(feature = "log", feature = "tracing"))]
pub use panic::install_panic_hook;
#[cfg(all(feature = "macros", feature = "request-id"))]
pub use propagate_context_macros::context_entry;
#[cfg(feature = "macros")]
pub use propagate_context_macros::propagate_context;
#[cfg(feature = "request-id")]
pub use propagator::Propagator;
#[cfg(feature = "request-id")]
pub use request_id::{REQUEST_ID, RequestId};
pub use scope::{InContext, Propagate};
pub use token::Token;
pub use var::{ContextVar, Variable};
