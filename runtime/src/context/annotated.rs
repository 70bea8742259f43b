//! `Annotated`: the future of an annotated function, which joins the scope it is polled in, or brings its own.

use std::fmt;
use std::future::Future;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::task::{self, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::context::current::{self, Scope};
use crate::context::frame::Frame;

pin_project! {
    /// The future or stream of an annotated function.
    ///
    /// It captured the context when the function was called. At a poll (a) it re-enters the scope that it has opened
    /// before, else (b) joins the scope that is current, else (c) opens one on what it captured, and keeps it.
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct Annotated<F> {
        #[pin]
        inner: F,
        // Behind `inner`, so that it is dropped after it: see `JoinState`.
        join_state: JoinState,
    }

    impl<F> PinnedDrop for Annotated<F> {
        fn drop(this: Pin<&mut Self>) {
            this.project().join_state.enter_for_drop_unless_joined();
        }
    }
}

/// What ties the future to a scope: what it captured until it opens one of its own, then that scope while it does
/// not run; the scope around it while it runs.
struct JoinState {
    scope: Scope,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Unpolled,
    /// Polled, always in the scope of somebody else.
    Joined,
    /// Has opened a scope of its own.
    Own,
    /// Is being dropped inside a scope that is to be left after.
    Leaving,
}

/// What a scope holds is changed in one step, so a panic cannot leave it half changed.
impl UnwindSafe for JoinState {}
impl RefUnwindSafe for JoinState {}

impl<F> Annotated<F> {
    #[inline]
    pub(crate) fn new(inner: F) -> Self {
        Self {
            inner,
            join_state: JoinState {
                scope: current::capture(),
                stage: Stage::Unpolled,
            },
        }
    }
}

impl JoinState {
    /// Rule (b): whether a scope is current that counts for this future.
    #[inline]
    fn finds_scope_to_join(&self) -> bool {
        current::inspect(|current| match current {
            None => false,
            Some(current) => !current.is_vacant() || self.scope.is_none(),
        })
    }

    /// Enters the scope of its own, which is opened here where there is none yet.
    #[inline]
    fn enter_own(&mut self) -> EnterGuard<'_> {
        self.enter_for_drop();
        EnterGuard(self)
    }

    #[inline]
    fn enter_for_drop(&mut self) {
        if self.stage != Stage::Own {
            self.open();
        }
        current::swap(&mut self.scope);
    }

    #[cold]
    fn open(&mut self) {
        self.stage = Stage::Own;
        self.scope.get_or_insert_with(Frame::vacant);
    }

    /// The future is dropped as it would be polled, but for one that has only ever joined: that one opens no scope
    /// any more.
    #[inline]
    fn enter_for_drop_unless_joined(&mut self) {
        if self.stage != Stage::Joined {
            self.enter_for_drop_unless_joining();
        }
    }

    #[inline(never)]
    fn enter_for_drop_unless_joining(&mut self) {
        if self.stage == Stage::Own || !self.finds_scope_to_join() {
            self.enter_for_drop();
            self.stage = Stage::Leaving;
        }
    }
}

impl Drop for JoinState {
    #[inline]
    fn drop(&mut self) {
        if self.stage == Stage::Leaving {
            current::swap(&mut self.scope);
        }
    }
}

/// Leaves the scope when it is dropped, in unwinding too.
struct EnterGuard<'state>(&'state mut JoinState);

impl Drop for EnterGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        current::swap(&mut self.0.scope);
    }
}

/// `poll` in the scope that the rules above name.
#[inline]
fn run<F, R>(this: Pin<&mut Annotated<F>>, poll: impl FnOnce(Pin<&mut F>) -> R) -> R {
    let this = this.project();
    if this.join_state.stage != Stage::Own && this.join_state.finds_scope_to_join() {
        this.join_state.stage = Stage::Joined;
        return poll(this.inner);
    }
    let _guard = this.join_state.enter_own();
    poll(this.inner)
}

impl<F: Future> Future for Annotated<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        run(self, |inner| inner.poll(cx))
    }
}

impl<S: Stream> Stream for Annotated<S> {
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        run(self, |inner| inner.poll_next(cx))
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
