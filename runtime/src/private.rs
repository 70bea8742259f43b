//! What generated code calls. Nothing here is for users, nor stable.

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
    http::plain_response::{FromRejection, HasResponseHeaders, answer, answer_or_refuse},
};

use crate::context::current;
use crate::context::frame::Frame;
use crate::context::in_context::InContext;
use crate::context::snapshot::Context;
use crate::var::ContextVar;

/// The snapshot that is taken where something is spawned.
#[inline]
#[must_use]
pub fn capture() -> Context {
    Context::current()
}

/// The snapshot of a `#[detached]` spawn.
#[inline]
#[must_use]
pub const fn detached() -> Context {
    Context::empty()
}

/// A scope for one call of a closure that may be called again.
#[inline]
pub fn enter(context: &Context) -> Guard {
    context.enter()
}

/// A scope for the only call of a closure.
#[inline]
pub fn enter_once(context: Context) -> Guard {
    Guard::of_snapshot(context.into_scope())
}

/// The scope of a synchronous annotated function: the current one, else an empty one for its duration.
#[inline]
#[must_use]
pub fn enter_annotated() -> Option<Guard> {
    current::inspect(|scope| scope.is_none()).then(|| Guard::new(Frame::vacant()))
}

/// What is spawned, in the context of the spawner. Without a bound, so that the real spawner reports what is wrong.
#[inline]
pub fn propagate<T>(inner: T) -> InContext<T> {
    capture().scope(inner)
}

/// What is spawned by a `#[detached]` statement.
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

/// The body of an async closure, in the context that the closure has captured.
#[inline]
pub fn in_captured<T>(context: &Context, inner: T) -> InContext<T> {
    context.clone().scope(inner)
}

/// A type under another name.
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

/// What is passed to a spawner, as it is. Under another name for its type, since the compiler would else say of the
/// argument, which is generated, what is wrong with the call.
#[inline]
pub fn passed<T>(value: T) -> <T as Itself>::Itself {
    value.itself()
}

/// The future or stream of an annotated function.
#[inline]
pub fn annotated<T>(inner: T) -> Annotated<T> {
    Annotated::new(inner)
}

/// Calls `body`, which is known here to be called once: so it may return what it borrows of what it has captured.
#[inline]
pub fn call_once<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Calls a function that is passed to a spawner by value, as that would.
#[inline]
pub fn call_with<A, R>(function: impl FnOnce(A) -> R, argument: A) -> R {
    function(argument)
}

/// Called when a static is evaluated: an error at compile time for a variable in `vars` that no carrier can have.
pub const fn assert_has_key<T: Send + Sync + 'static>(variable: &'static ContextVar<T>) {
    assert!(
        variable.has_key(),
        "this variable has neither header nor baggage key; add `.header(\"X-Name\")` or `.baggage(\"name\")` to its declaration"
    );
}

/// The start of `set(VAR = value, ..)`.
pub fn additions() -> Overlay {
    Overlay::new()
}

/// `inner` in a scope with these values. They come last: `inner` may be an expression that returns early, with them.
#[inline]
pub fn in_overlay<T>(inner: T, values: Overlay) -> InContext<T> {
    values.scope(inner)
}

/// Names the type of an async body, in a statement that never runs: the type checker then finds errors and coercions
/// where it finds them in a plain async function.
#[cold]
#[must_use]
pub fn type_hint<T>() -> T {
    unreachable!("called behind `if false` only")
}
