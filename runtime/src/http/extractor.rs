//! The request id as an extractor.

use std::error::Error;
use std::fmt;

/// A handler extracts a [`RequestId`](crate::RequestId), but the request has none: no layer has opened a scope for it.
///
/// The response is a 500.
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

/// The id of the current scope, else the one that the layer left in the request.
#[cfg(any(feature = "actix-web", feature = "axum", feature = "poem"))]
pub(super) fn request_id(
    extension: Option<&crate::RequestId>,
) -> Result<crate::RequestId, MissingRequestId> {
    crate::REQUEST_ID
        .get()
        .or_else(|| extension.cloned())
        .ok_or(MissingRequestId)
}
