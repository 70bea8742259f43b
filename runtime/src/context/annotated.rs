//! `Annotated`: the future of an annotated function, which runs in the scope in which it is polled, or in its own.

use std::fmt;
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{self, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::context::current::{self, Scope};
use crate::context::frame::Frame;
use crate::context::scope_id::ScopeId;

pin_project! {
    /// The future or stream of an annotated function.
    ///
    /// It captures the context when the function is called. At each poll, it (a) re-enters the scope that it has opened
    /// before, or otherwise (b) joins the current scope, or otherwise (c) opens a scope on the captured context, and
    /// keeps it.
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Annotated<F> {
        #[pin]
        inner: F,
        // Declared after `inner`, so that it is dropped after it: see `JoinState`.
        join_state: JoinState,
    }

    impl<F> PinnedDrop for Annotated<F> {
        fn drop(this: Pin<&mut Self>) {
            this.project().join_state.enter_to_drop();
        }
    }
}

/// Connects the future to a scope. It holds the captured context until the future opens its own scope, then that scope
/// while the future is not running, and the outer scope while it is.
struct JoinState {
    scope: Scope,
    stage: Stage,
}

/// The id of the scope that the future joined at its last poll, or one of the states below. A single word, so that a
/// poll stores no more.
type Stage = ScopeId;

const UNPOLLED: Stage = ScopeId::reserved(0);
/// The future is ready and has not opened a scope.
const DONE: Stage = ScopeId::reserved(1);
/// The future has opened its own scope, or is about to open it.
const OWN: Stage = ScopeId::reserved(2);
/// The future is being dropped inside a scope that has to be left afterwards.
const LEAVING: Stage = ScopeId::reserved(3);

/// The scope is replaced in a single step, so a panic cannot leave it in an inconsistent state.
impl UnwindSafe for JoinState {}
impl RefUnwindSafe for JoinState {}

impl<F> Annotated<F> {
    #[inline]
    pub(crate) fn new(inner: F) -> Self {
        Self {
            inner,
            join_state: JoinState {
                scope: current::capture(),
                stage: UNPOLLED,
            },
        }
    }
}

impl JoinState {
    /// Rule (b): the current scope if the future joins it, otherwise its own.
    #[inline]
    fn stage_of_poll(&self) -> Stage {
        if self.stage == OWN {
            return OWN;
        }
        current::inspect(|current| match current {
            Some(current) if current.is_joined_by(self.scope.as_deref()) => current.id(),
            _ => OWN,
        })
    }

    /// Enters the future's own scope, opening it if necessary.
    #[inline]
    fn enter_own(&mut self) -> EnterGuard<'_> {
        self.enter_own_scope();
        EnterGuard(self)
    }

    #[inline]
    fn enter_own_scope(&mut self) {
        if self.stage != OWN {
            self.open();
        }
        current::swap(&mut self.scope);
    }

    #[cold]
    fn open(&mut self) {
        self.stage = OWN;
        if self.scope.is_none() {
            self.scope = Frame::vacant();
        }
    }

    /// Enters the scope in which the future is dropped. If it has its own scope, that is the scope. If it captured
    /// nothing, it is dropped in the current scope. It is also dropped in the current scope if it was called in it or
    /// was last polled in it, or if that scope still holds all captured values. Otherwise it is dropped in the captured
    /// context.
    #[inline]
    fn enter_to_drop(&mut self) {
        if self.stage != DONE {
            self.enter_to_drop_unless_joining();
        }
    }

    #[inline(never)]
    fn enter_to_drop_unless_joining(&mut self) {
        let polled_in = (self.stage != UNPOLLED).then_some(self.stage);
        let enters = match self.scope.as_deref() {
            _ if self.stage == OWN => true,
            None if polled_in.is_some() => false,
            captured => !current::inspect(|current| {
                current.is_some_and(|current| current.is_joined_for_drop_by(captured, polled_in))
            }),
        };
        if enters {
            self.enter_own_scope();
            self.stage = LEAVING;
        }
    }
}

impl Drop for JoinState {
    #[inline]
    fn drop(&mut self) {
        if self.stage == LEAVING {
            current::swap(&mut self.scope);
        }
    }
}

/// Leaves the scope when dropped, also when unwinding.
struct EnterGuard<'state>(&'state mut JoinState);

impl Drop for EnterGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        current::swap(&mut self.0.scope);
    }
}

/// Runs `poll` in the scope that the rules of [`Annotated`] select. `is_done` returns whether it will not be polled
/// again.
#[inline]
fn run<F, R>(
    this: Pin<&mut Annotated<F>>,
    poll: impl FnOnce(Pin<&mut F>) -> R,
    is_done: impl FnOnce(&R) -> bool,
) -> R {
    let this = this.project();
    let stage = this.join_state.stage_of_poll();
    if stage != OWN {
        this.join_state.stage = stage;
        let polled = poll(this.inner);
        if is_done(&polled) {
            this.join_state.stage = DONE;
        } else if stage == ScopeId::NONE {
            // The poll may have been the first to write to the scope.
            this.join_state.stage = current::id();
        }
        return polled;
    }
    let _guard = this.join_state.enter_own();
    poll(this.inner)
}

impl<F: Future> Future for Annotated<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        run(self, |inner| inner.poll(cx), Poll::is_ready)
    }
}

impl<S: Stream> Stream for Annotated<S> {
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        run(
            self,
            |inner| inner.poll_next(cx),
            |item| matches!(item, Poll::Ready(None)),
        )
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<F: fmt::Debug> fmt::Debug for Annotated<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Annotated")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}
