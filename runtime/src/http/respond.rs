//! The end of a `#[context_entry]` handler: the response of its framework.

use super::header_map::Headers;
use crate::context::current::Scope;
use crate::context::frame::SharedFrame;
use crate::context::guard::Guard;
use crate::entry::Entry;

/// The response of a framework, with its headers and, where no layer owns it, its body in the scope of the request.
///
/// `make` is code of the user as well: it logs, and reads variables.
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
