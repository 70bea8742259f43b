//! The engine: snapshots, the current scope of a thread, and the types that enter scopes.

pub(crate) mod access;
pub mod ambient;
pub(crate) mod annotated;
pub(crate) mod closure;
pub(crate) mod current;
pub(crate) mod frame;
pub(crate) mod guard;
pub(crate) mod in_context;
pub(crate) mod nested_drop;
pub(crate) mod overlay;
pub(crate) mod request_tag;
pub(crate) mod saved_scope;
pub(crate) mod scope_id;
pub(crate) mod snapshot;
pub(crate) mod spawned;
pub(crate) mod table;
#[cfg(feature = "testing")]
pub(crate) mod test_support;
pub(crate) mod token;
mod tree;
pub(crate) mod var_indices;

pub use self::in_context::{InContext, Propagate};
pub use self::snapshot::Context;
pub use self::token::Token;
