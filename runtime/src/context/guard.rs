//! The scope of a synchronous region. Hidden: only this crate's closures and generated code hold a guard.

use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;

use triomphe::Arc;

use crate::context::ambient;
use crate::context::current::{self, Scope};
use crate::context::frame::Frame;
use crate::context::snapshot::Context;
use crate::var::ContextVar;

/// Leaves the scope that it entered when it is dropped. Guards are dropped in stack order, since users cannot obtain
/// one: each lives in a single block of generated code.
#[must_use = "the scope ends when the guard is dropped"]
pub struct Guard {
    outer: Scope,
    /// Has no drop glue, which would run at the end of every scope.
    ambient: ManuallyDrop<Option<Box<Ambient>>>,
    /// A scope belongs to a thread: a guard that is dropped on another thread would restore the wrong scope.
    _not_send: PhantomData<*const ()>,
}

impl Guard {
    #[inline]
    pub(crate) fn new(scope: impl Into<Scope>) -> Self {
        Self {
            outer: current::replace(scope.into()),
            ambient: ManuallyDrop::new(None),
            _not_send: PhantomData,
        }
    }

    /// Enters a scope that starts from a snapshot, including its ambient state.
    #[inline]
    pub(crate) fn of_snapshot(scope: Scope) -> Self {
        match scope {
            Some(frame) if frame.is_pending_or_ambient() => Self::with_ambient(&frame),
            scope => Self::new(scope),
        }
    }

    #[cold]
    fn with_ambient(snapshot: &Arc<Frame>) -> Self {
        let ambient = snapshot.ambient();
        let frame = ambient.and_then(|ambient| ambient.frame.clone());
        let mut guard = Self::new(frame.or_else(Frame::empty));
        *guard.ambient = ambient.map(|ambient| {
            Box::new(Ambient {
                _entered: ambient::enter(&ambient.saved),
                _snapshot: snapshot.clone(),
            })
        });
        guard
    }

    /// Leaves the scope. Unlike the destructor, it keeps the allocation for the next scope on this thread. Only for
    /// scopes that are rarely shared with a snapshot: checking this would be overhead for the others.
    #[inline]
    pub(crate) fn end(self) {
        debug_assert!(
            self.ambient.is_none(),
            "ambient state is left by the destructor"
        );
        let mut guard = ManuallyDrop::new(self);
        current::swap(&mut guard.outer);
        if let Some(frame) = guard.outer.take() {
            Frame::recycle(frame);
        }
    }

    #[cold]
    fn leave_ambient(&mut self) {
        *self.ambient = None;
    }
}

/// The ambient state that a guard has entered, and the snapshot that it belongs to. If it is the snapshot's last owner,
/// the span is closed inside the scope.
struct Ambient {
    _entered: ambient::Entered,
    _snapshot: Arc<Frame>,
}

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        if self.ambient.is_some() {
            self.leave_ambient();
        }
        // This takes out the values of the scope: they are dropped when the outer scope is current again.
        current::swap(&mut self.outer);
    }
}

impl Context {
    /// Runs `f` in a new scope that starts from this snapshot.
    ///
    /// ```
    /// use propagate_context::{Context, ContextVar};
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user");
    ///
    /// let seen = Context::empty().with(&USER, 7).sync_scope(|| USER.get());
    /// assert_eq!((seen, USER.get()), (Some(7), None));
    /// ```
    pub fn sync_scope<R>(&self, f: impl FnOnce() -> R) -> R {
        let _guard = self.enter();
        f()
    }

    #[inline]
    pub(crate) fn enter(&self) -> Guard {
        Guard::of_snapshot(self.clone().into_scope())
    }
}

impl<T: Send + Sync + 'static> ContextVar<T> {
    /// Runs `f` in a new scope: the current context with `value` added.
    ///
    /// ```
    /// use propagate_context::ContextVar;
    ///
    /// static USER: ContextVar<u64> = ContextVar::new("user");
    ///
    /// assert_eq!(USER.sync_scope(7, || USER.get()), Some(7));
    /// ```
    pub fn sync_scope<R>(&'static self, value: T, f: impl FnOnce() -> R) -> R {
        let (index, value) = (self.index_or_assign(), self.bind(value));
        let over =
            |current: Option<&Frame>| Frame::over(current, index, Some(value), self.traits());
        let guard = Guard::new(current::lend(over));
        let result = f();
        guard.end();
        result
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}
