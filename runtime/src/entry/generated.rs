//! What the code that `#[context_entry]` generates calls: reachable as `__private`.

pub use super::call::{EntryCall, EntryFuture, EntryOutput};
pub use super::{Entry, Inbound};
pub use crate::context::request_tag::FoundTag;
pub use crate::request_id::{REQUEST_ID, RequestId};

/// The future of an entry, as it is.
#[inline]
pub fn entry_future<F>(entry: F) -> F {
    entry
}

/// The future that a call returns, in the scope of that call. The scope comes last: `inner` may be an expression that
/// returns early.
pub fn after_call<F: Future>(inner: F, opening: EntryCall) -> EntryFuture<F> {
    opening.run_after_call(inner)
}
