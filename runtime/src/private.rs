//! The items that generated code calls. They are neither public API nor stable.

pub use crate::context::annotated::Annotated;
pub use crate::context::guard::Guard;
pub use crate::context::overlay::Overlay;
pub use crate::context::request_tag::RequestTag;
pub use crate::context::spawned::{
    Argument, AsyncFnMuts, AsyncFnOnces, AsyncFns, BoxMakers, Boxed, Functions, Futures, InBox,
    Leaf, Makers, Others, argument, spawned,
};
#[cfg(feature = "request-id")]
pub use crate::entry::generated::{
    Entry, EntryCall, EntryFuture, EntryOutput, FoundTag, Inbound, REQUEST_ID, RequestId,
    after_call, entry_future,
};
#[cfg(feature = "tracing")]
pub use crate::logging::tracing::in_span::{
    InSpanBox, current_span, in_current_span, in_current_span_fn, in_span,
};
pub use crate::propagation::carrier::{Head, Http};
#[cfg(feature = "http")]
pub use crate::{
    entry::{EntryExtractor, NoArgument},
    http::plain_response::{
        FromRejection, HasResponseHeaders, set_response_headers, set_response_headers_or_reject,
    },
};

use crate::context::current;
use crate::context::frame::Frame;
use crate::context::in_context::InContext;
use crate::context::snapshot::Context;
use crate::var::ContextVar;

/// Captures the context at a spawn.
#[inline]
#[must_use]
pub fn capture() -> Context {
    Context::current()
}

/// Returns the empty context for a `#[detached]` spawn.
#[inline]
#[must_use]
pub const fn detached() -> Context {
    Context::empty()
}

/// Enters a scope for one call of a closure that may be called again.
#[inline]
pub fn enter(context: &Context) -> Guard {
    context.enter()
}

/// Enters a scope for the only call of a closure.
#[inline]
pub fn enter_once(context: Context) -> Guard {
    Guard::of_snapshot(context.into_scope())
}

/// Enters the scope of a synchronous annotated function: an empty one for the duration of the call, unless a scope is
/// already current.
#[inline]
#[must_use]
pub fn enter_annotated() -> Option<Guard> {
    current::inspect(|scope| scope.is_none()).then(|| Guard::new(Frame::vacant()))
}

/// Wraps a spawned value in the context of the spawner. There is no trait bound, so that the compiler reports errors at
/// the actual spawner.
#[inline]
pub fn propagate<T>(inner: T) -> InContext<T> {
    capture().scope(inner)
}

/// Wraps the value that a `#[detached]` statement spawns.
#[inline]
pub fn detach<T>(inner: T) -> InContext<T> {
    detached().scope(inner)
}

/// [`propagate`] for a function.
#[inline]
pub fn propagate_fn<F: FnOnce() -> R, R>(f: F) -> impl FnOnce() -> R {
    capture().wrap(f)
}

/// [`detach`] for a function.
#[inline]
pub fn detach_fn<F: FnOnce() -> R, R>(f: F) -> impl FnOnce() -> R {
    detached().wrap(f)
}

/// Wraps the body of an async closure in the context that the closure has captured.
#[inline]
pub fn in_captured<T>(context: &Context, inner: T) -> InContext<T> {
    context.clone().scope(inner)
}

/// The same type under another name.
pub trait Itself {
    /// The same type.
    type Itself;

    /// The same value.
    fn itself(self) -> Self::Itself;
}

impl<T> Itself for T {
    type Itself = T;

    #[inline]
    fn itself(self) -> T {
        self
    }
}

/// Passes a spawner its argument unchanged. The return type is a projection: otherwise the compiler would report an
/// error in the call at the generated argument.
#[inline]
pub fn passed<T>(value: T) -> <T as Itself>::Itself {
    value.itself()
}

/// Wraps the future or stream of an annotated function.
#[inline]
pub fn annotated<T>(inner: T) -> Annotated<T> {
    Annotated::new(inner)
}

/// Calls `body`. The bound tells the compiler that it is called only once, so that it may return borrows of its
/// captures.
#[inline]
pub fn call_once<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Calls a function that is passed to a spawner by value, in the way the spawner would.
#[inline]
pub fn call_with<A, R>(function: impl FnOnce(A) -> R, argument: A) -> R {
    function(argument)
}

/// Evaluated in a static: fails compilation if a variable in `vars` has no key that a carrier could contain.
pub const fn assert_has_key<T: Send + Sync + 'static>(variable: &'static ContextVar<T>) {
    assert!(
        variable.has_key(),
        "this variable has neither header nor baggage key; add `.header(\"X-Name\")` or `.baggage(\"name\")` to its declaration"
    );
}

/// Starts the values of `set(VAR = value, ..)`.
pub fn additions() -> Overlay {
    Overlay::new()
}

/// Runs `inner` in a scope with these values. They are the last argument because `inner` may be an expression that
/// returns early and moves the same values.
#[inline]
pub fn in_overlay<T>(inner: T, values: Overlay) -> InContext<T> {
    values.scope(inner)
}

/// Names the type of an async body, in a statement that never runs. The type checker then finds errors and coercions in
/// the same places as in a plain async function.
#[cold]
#[must_use]
pub fn type_hint<T>() -> T {
    unreachable!("called behind `if false` only")
}

#[cfg(test)]
mod tests {
    use super::{additions, annotated, enter};
    use crate::Context;

    #[test]
    fn debug_shows_no_values() {
        assert_eq!(format!("{:?}", annotated(7)), "Annotated { inner: 7, .. }");
        assert_eq!(format!("{:?}", enter(&Context::empty())), "Guard { .. }");
        assert!(format!("{:?}", additions()).starts_with("Overlay"));
    }

    #[cfg(feature = "request-id")]
    #[test]
    fn debug_of_entries_shows_the_policy_alone() {
        use std::collections::HashMap;

        use crate::entry::Entry;
        use crate::entry::generated::EntryCall;

        let entry = Box::leak(Box::new(Entry::new()));
        let carrier = HashMap::from([("x-request-id".to_owned(), "hush".to_owned())]);
        let call = EntryCall::of_message(entry, &carrier, None);
        let shown = format!("{call:?}");
        assert!(shown.starts_with("EntryCall { entry: Entry {"), "{shown}");
        assert!(!shown.contains("hush"), "{shown}");
        assert_eq!(format!("{:?}", call.run(async {})), "EntryFuture { .. }");
    }
}
