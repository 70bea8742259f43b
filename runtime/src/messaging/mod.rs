//! Jobs, queues and actors: contexts that are sent with messages.

#[cfg(feature = "request-id")]
pub(crate) mod batch;
pub(crate) mod carried;
pub(crate) mod context_map;
#[cfg(feature = "tower")]
mod layer;
#[cfg(feature = "request-id")]
mod per_request;
#[cfg(feature = "request-id")]
pub(crate) mod propagator;
mod scope;

pub use self::carried::Carried;
pub use self::context_map::ContextMap;
#[cfg(feature = "tower")]
pub use self::layer::{MessageFuture, MessageLayer, MessageService};
#[cfg(feature = "request-id")]
pub use self::{
    batch::{Batch, LINKED_REQUEST_IDS, LinkedRequestIds},
    per_request::PerRequest,
    propagator::Propagator,
};
