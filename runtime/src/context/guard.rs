//! The scope of a synchronous region. Hidden: only our closures and generated code hold one.

use std::fmt;
use std::marker::PhantomData;

use crate::context::current::{self, Scope};
use crate::context::frame::Frame;
use crate::context::snapshot::Context;
use crate::var::ContextVar;

/// Leaves the scope that it entered when it is dropped: in the order of a stack, since it is never handed out to
/// users and lives in one block of generated code.
#[must_use = "the scope ends where the guard is dropped"]
pub struct Guard {
    outer: Scope,
    /// A scope is of one thread: a guard that could be sent elsewhere would restore the wrong one.
    _not_send: PhantomData<*const ()>,
}

impl Guard {
    #[inline]
    pub(crate) fn new(scope: impl Into<Scope>) -> Self {
        Self {
            outer: current::replace(scope.into()),
            _not_send: PhantomData,
        }
    }
}

impl Drop for Guard {
    #[inline]
    fn drop(&mut self) {
        // What this returns are the scope's values: they are dropped when the scope around it is current again.
        current::swap(&mut self.outer);
    }
}

impl Context {
    /// Runs `f` in a scope of its own that starts from this snapshot.
    pub fn sync_scope<R>(&self, f: impl FnOnce() -> R) -> R {
        let _guard = self.enter();
        f()
    }

    #[inline]
    pub(crate) fn enter(&self) -> Guard {
        Guard::new(self.clone().into_scope())
    }
}

impl<T: Send + Sync + 'static> ContextVar<T> {
    /// Runs `f` in a scope of its own, which has `value` and, beneath it, the current context.
    pub fn sync_scope<R>(&'static self, value: T, f: impl FnOnce() -> R) -> R {
        let (index, value) = (self.index_or_assign(), self.bind(value));
        let (frame, covered) =
            current::inspect(|scope| Frame::extend(scope, index, Some(value), self.is_task_only()));
        drop(covered);
        let _guard = Guard::new(frame);
        f()
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").finish_non_exhaustive()
    }
}
