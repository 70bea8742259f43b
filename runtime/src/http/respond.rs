//! Converts the output of a `#[context_entry]` handler into the response of its framework.

use super::header_map::Headers;
use crate::context::current::Scope;
use crate::context::frame::SharedFrame;
use crate::context::guard::Guard;
use crate::entry::Entry;

/// Returns the response of a framework with the headers of the request's scope. Its body runs in that scope, unless a
/// layer owns the scope.
///
/// `make` runs user code, which logs and reads variables, so it is called in the scope.
pub(super) fn respond<R, H: Headers>(
    echoes: Option<&Entry>,
    scope: Scope,
    make: impl FnOnce() -> R,
    headers_mut: impl FnOnce(&mut R) -> &mut H,
    keep_in_scope: impl FnOnce(R, SharedFrame) -> R,
) -> R {
    let response = {
        let _guard = scope.clone().map(Guard::new);
        let mut response = make();
        if let Some(entry) = echoes {
            entry.write_response(headers_mut(&mut response), None);
        }
        response
    };
    match scope {
        Some(scope) => keep_in_scope(response, scope),
        None => response,
    }
}
