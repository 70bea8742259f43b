// The crate page and the guide link to items of all features, and their examples need dependencies that this package
// does not have: the examples run with the tests.
#![cfg_attr(not(doctest), doc = include_str!("lib.md"))]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc(test(attr(deny(warnings), allow(unused))))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(all(doc, not(doctest)))]
#[path = "guide/mod.rs"]
pub mod _guide;
#[cfg(feature = "audit")]
pub mod audit;
mod context;
#[cfg(feature = "request-id")]
#[cfg_attr(
    not(feature = "http"),
    expect(
        dead_code,
        unused_imports,
        reason = "only the module `http` responds, and passes a request on"
    )
)]
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
#[cfg(feature = "testing")]
pub mod testing;
mod util;
mod var;

pub use self::context::{Context, InContext, Propagate, Token, ambient};
#[cfg(feature = "log")]
pub use self::logging::log;
#[cfg(feature = "tracing")]
pub use self::logging::tracing;
pub use self::logging::{FieldValue, add_log_source, field, visit_logged};
#[cfg(any(feature = "log", feature = "tracing"))]
pub use self::logging::{LoggedValue, install_panic_hook, visit_logged_values};
#[cfg(feature = "request-id")]
pub use self::messaging::{Batch, LINKED_REQUEST_IDS, LinkedRequestIds, PerRequest, Propagator};
pub use self::messaging::{Carried, ContextMap};
#[cfg(feature = "tower")]
pub use self::messaging::{MessageFuture, MessageLayer, MessageService};
pub use self::propagation::{Carrier, CarrierMut, InsertError, baggage, inject, traceparent};
#[cfg(feature = "request-id")]
#[doc(inline)] // although the module is public: users look for them here
pub use self::request_id::{REQUEST_ID, RequestId};
pub use self::var::{ContextVar, NoScope, Variable};
#[cfg(all(feature = "macros", feature = "request-id"))]
pub use propagate_context_macros::context_entry;
#[cfg(feature = "macros")]
pub use propagate_context_macros::propagate_context;
