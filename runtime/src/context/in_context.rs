//! `InContext`: a future or stream that runs in its own scope.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use crate::context::current::{self, Scope};
use crate::context::frame::Frame;
use crate::context::saved_scope::SavedScope;
use crate::context::snapshot::Context;
use crate::var::ContextVar;
use crate::var::binding::Assignment;

pin_project! {
    /// A future or stream that runs in its own scope: every poll, and its drop.
    ///
    /// Created by [`Context::scope`], [`ContextVar::scope`](crate::ContextVar::scope) and [`Propagate`]. It is eight
    /// bytes larger than the wrapped value; a poll swaps one pointer in and out.
    #[must_use = "futures do nothing unless they are awaited or polled"]
    pub struct InContext<F> {
        #[pin]
        inner: F,
        // Declared after `inner`, so that it is dropped after it: see `SavedScope`.
        saved_scope: SavedScope,
    }

    impl<F> PinnedDrop for InContext<F> {
        fn drop(this: Pin<&mut Self>) {
            this.project().saved_scope.enter_for_drop();
        }
    }
}

impl<F> InContext<F> {
    #[inline]
    pub(crate) fn entering(scope: impl Into<Scope>, inner: F) -> Self {
        Self {
            inner,
            saved_scope: SavedScope::new(scope),
        }
    }
}

impl Context {
    /// Runs `future` in a new scope that starts from this snapshot: every poll, and its drop.
    ///
    /// ```
    /// use propagate_context::{Context, ContextVar};
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user");
    ///
    /// # futures::executor::block_on(async {
    /// let seen = Context::empty().with(&USER, 7).scope(async { USER.get() }).await;
    /// assert_eq!(seen, Some(7));
    /// # });
    /// ```
    pub fn scope<F>(self, future: F) -> InContext<F> {
        InContext::entering(self.into_scope(), future)
    }
}

impl<T: Send + Sync + 'static> ContextVar<T> {
    /// Runs `future` in a new scope: the context that is current at its first poll, with `value` added. If no context
    /// is current at that time, the context of this call is used.
    ///
    /// So scopes can be nested: `ID.scope("a", N.scope(1, future))` has both values. Values that `future` sets end with
    /// the scope.
    ///
    /// If the future is dropped without a poll, the same rule applies, with one exception: if this call captured a
    /// value that the current context does not hold, the current context belongs to other code. `value` is then added
    /// to the captured context instead.
    ///
    /// ```
    /// # use propagate_context::ContextVar;
    /// static ID: ContextVar<&str> = ContextVar::new("id");
    /// static N: ContextVar<u32> = ContextVar::new("n");
    /// # futures::executor::block_on(async {
    /// let seen = ID.scope("a", N.scope(1, async { (ID.get(), N.get()) })).await;
    /// assert_eq!(seen, (Some("a"), Some(1)));
    /// # });
    /// ```
    pub fn scope<F>(&'static self, value: T, future: F) -> InContext<F> {
        let assignment = Assignment::new(self, value);
        let frame = Frame::pending(current::capture(), Some(assignment));
        InContext::entering(frame.shareable(), future)
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.saved_scope.run(|| this.inner.poll(cx))
    }
}

impl<S: Stream> Stream for InContext<S> {
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        this.saved_scope.run(|| this.inner.poll_next(cx))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<F: fmt::Debug> fmt::Debug for InContext<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InContext")
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

/// Wraps futures and streams so that they run in their own scope wherever they are polled.
///
/// ```
/// use propagate_context::{ContextVar, Propagate};
///
/// static TENANT: ContextVar<&str> = ContextVar::new("tenant");
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// TENANT
///     .scope("acme", async {
///         let task = tokio::spawn(async { TENANT.get() }.in_current_context());
///         assert_eq!(task.await.unwrap(), Some("acme"));
///     })
///     .await;
/// # }
/// ```
pub trait Propagate: Sized {
    /// Runs the future or stream in a scope that starts from `context`.
    fn in_context(self, context: Context) -> InContext<Self> {
        context.scope(self)
    }

    /// Runs the future or stream in a scope that starts from the context that is current at this call.
    ///
    /// On the handle of a task (`JoinHandle`) this does not affect the task, which runs elsewhere.
    fn in_current_context(self) -> InContext<Self> {
        self.in_context(Context::current())
    }
}

impl<T> Propagate for T {}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::pin;
    use std::task::Waker;

    use triomphe::Arc;

    use super::*;

    static ID: ContextVar<u32> = ContextVar::new("id");

    /// A scope is moved between its future and the thread rather than copied. A write in it therefore finds it
    /// unshared, and the tasks of a request do not contend for a reference count. (A temporary change of the count
    /// would show up in the instruction counts.)
    #[test]
    fn a_scope_that_runs_has_one_owner() {
        let owners = || current::inspect(|scope| scope.map(Arc::strong_count));
        let mut future = pin!(Context::empty().with(&ID, 1).scope(poll_fn(|_| {
            assert_eq!(owners(), Some(1));
            Poll::<()>::Pending
        })));
        for _ in 0..2 {
            assert!(
                future
                    .as_mut()
                    .poll(&mut task::Context::from_waker(Waker::noop()))
                    .is_pending()
            );
            assert_eq!(owners(), None);
        }
    }

    /// The allocation of a scope is kept for the next one on the thread, without its values.
    #[test]
    fn nothing_of_a_scope_is_kept_after_its_end() {
        static TEXT: ContextVar<std::sync::Arc<str>> = ContextVar::new("text");
        let text = std::sync::Arc::<str>::from("text");
        let owners = || std::sync::Arc::strong_count(&text);
        let poll_once = |future: Pin<&mut InContext<_>>| {
            future.poll(&mut task::Context::from_waker(Waker::noop()))
        };
        for _ in 0..3 {
            TEXT.sync_scope(text.clone(), || {
                ID.sync_scope(1, || {
                    assert_eq!((owners(), TEXT.get().is_some()), (2, true));
                });
                ID.set(2);
            });
            assert_eq!(owners(), 1);
            ID.sync_scope(1, || assert_eq!(TEXT.get(), None));
            Context::empty().sync_scope(|| {
                ID.try_set(2).unwrap();
                TEXT.try_set(text.clone()).unwrap();
            });
            assert_eq!(owners(), 1);
            {
                let future = async { (ID.get(), TEXT.get()) };
                let mut future = pin!(TEXT.scope(text.clone(), future));
                let Poll::Ready(seen) = poll_once(future.as_mut()) else {
                    panic!("it is ready at once");
                };
                assert_eq!(seen, (None, Some(text.clone())));
            }
            assert_eq!(owners(), 1);
            let captured = TEXT.sync_scope(text.clone(), Context::current);
            ID.sync_scope(1, || assert_eq!(TEXT.get(), None));
            assert_eq!(captured.get(&TEXT), Some(text.clone()));
            drop(captured);
            assert_eq!(owners(), 1);
        }
    }

    /// Values whose destructors may be user code are dropped with their scope, and its allocation with them.
    #[test]
    fn nothing_with_a_destructor_is_kept_after_its_scope() {
        static HELD: ContextVar<Held> = ContextVar::new("held");

        #[derive(Clone)]
        struct Held(std::sync::Arc<()>);

        let held = Held(std::sync::Arc::default());
        let owners = || std::sync::Arc::strong_count(&held.0);
        for _ in 0..3 {
            HELD.sync_scope(held.clone(), || assert_eq!(owners(), 2));
            assert_eq!(owners(), 1);
            ID.sync_scope(1, || assert!(HELD.get().is_none()));
        }
    }
}
