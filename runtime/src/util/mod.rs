//! Helpers that are used everywhere and depend on no other module of this crate.

pub(crate) mod append_list;
pub(crate) mod caught;
pub(crate) mod diagnostics;
pub(crate) mod display;
pub(crate) mod http_token;
#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) mod reported_panic;
