//! Context propagation.
#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc(test(attr(deny(warnings))))]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod additions;
mod annotated;
mod closure;
mod context;
mod current;
mod default;
mod error;
mod frame;
mod guard;
mod home;
#[cfg(feature = "request-id")]
pub mod request_id;
mod scope;
mod table;
#[cfg(feature = "tokio")]
pub mod task;
mod token;
mod var;

pub use context::{Context, visit_logged};
pub use error::{NoScope, Unparsable};
#[cfg(feature = "macros")]
pub use propagate_context_macros::propagate_context;
#[cfg(feature = "request-id")]
pub use request_id::{REQUEST_ID, RequestId};
pub use scope::{InContext, Propagate};
pub use token::Token;
pub use var::{ContextVar, Variable};
