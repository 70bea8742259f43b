//! tower-http's request id: `SetRequestId` around `PropagateRequestId`, as its documentation puts them. The handler
//! finds the id in the extensions of the request; there is no scope, and only one header is supported.

use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::{Case, request};

pub(crate) fn cases() -> Vec<Case> {
    request::with_and_without_id("tower-http", || {
        (
            SetRequestIdLayer::x_request_id(MakeRequestUuid),
            PropagateRequestIdLayer::x_request_id(),
        )
    })
    .into()
}
