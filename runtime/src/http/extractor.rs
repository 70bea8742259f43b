//! The request id as an extractor.

use std::error::Error;
use std::fmt;

/// The error if a handler extracts a [`RequestId`](crate::RequestId) from a request that has none, because no layer has
/// opened a scope for it.
///
/// It responds with status 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingRequestId;

impl fmt::Display for MissingRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "the request has no id: add a `ContextLayer` (actix-web: a `ContextMiddleware`)",
        )
    }
}

impl Error for MissingRequestId {}

/// Returns the id of the current scope, or otherwise the one that the layer has added to the request's extensions.
#[cfg(any(feature = "actix-web", feature = "axum", feature = "poem"))]
pub(super) fn request_id(
    extension: Option<&crate::RequestId>,
) -> Result<crate::RequestId, MissingRequestId> {
    crate::REQUEST_ID
        .get()
        .or_else(|| extension.cloned())
        .ok_or(MissingRequestId)
}
