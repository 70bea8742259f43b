//! Other libraries that propagate a request's values, each used as its documentation shows.

mod emit;
mod fastrace;
mod metainfo;
mod opentelemetry;
mod tokio;
mod tower_http;
mod tracing;
mod typed;

use crate::Case;
use crate::memory::More;

pub(crate) fn cases() -> Vec<Case> {
    [
        tokio::cases(),
        tracing::cases(),
        opentelemetry::cases(),
        fastrace::cases(),
        emit::cases(),
        metainfo::cases(),
        tower_http::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The bytes that each of them adds to a future and to a task.
pub(crate) fn sizes() -> Vec<(&'static str, More)> {
    let mut sizes = tokio::sizes();
    sizes.extend([
        tracing::sizes(),
        opentelemetry::sizes(),
        fastrace::sizes(),
        emit::sizes(),
        metainfo::sizes(),
    ]);
    sizes
}
