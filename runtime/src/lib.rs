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
mod context;
#[cfg(feature = "request-id")]
pub mod entry;
#[cfg(feature = "http")]
pub mod http;
mod logging;
mod messaging;
mod propagation;
#[cfg(feature = "request-id")]
pub mod request_id;
#[cfg(feature = "tokio")]
pub mod task;
mod util;
mod var;

pub use self::context::{Context, InContext, Propagate, Token, visit_logged};
#[cfg(any(feature = "log", feature = "tracing"))]
pub use self::logging::install_panic_hook;
#[cfg(feature = "log")]
pub use self::logging::log;
#[cfg(feature = "tracing")]
pub use self::logging::tracing;
#[cfg(feature = "request-id")]
pub use self::messaging::{Batch, LINKED_REQUEST_IDS, LinkedRequestIds, Propagator};
pub use self::messaging::{Carried, ContextMap};
pub use self::propagation::{Carrier, CarrierMut, InsertError, baggage, inject, traceparent};
#[cfg(feature = "request-id")]
pub use self::request_id::{REQUEST_ID, RequestId};
pub use self::var::{ContextVar, NoScope, ParseError, Variable};
#[cfg(all(feature = "macros", feature = "request-id"))]
pub use propagate_context_macros::context_entry;
#[cfg(feature = "macros")]
pub use propagate_context_macros::propagate_context;
