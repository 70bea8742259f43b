//! Where a future's scope is kept between polls, and how it is entered and left.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

use crate::context::current::{self, Scope};
use crate::context::frame::{Frame, OldBase};

/// A scope while it does not run; while it runs, the scope around it.
///
/// A wrapper that owns a `SavedScope` enters it first in its own destructor, and lets its fields drop in the order of
/// their declaration: the wrapped future, then the `SavedScope`, which leaves. So the future's destructors run inside,
/// also when they panic, and no field has to record whether the future was dropped.
pub(crate) struct SavedScope {
    scope: Scope,
}

/// What a scope holds is changed in one step, so a panic cannot leave it half changed.
impl UnwindSafe for SavedScope {}
impl RefUnwindSafe for SavedScope {}

impl SavedScope {
    #[inline]
    pub(crate) fn new(frame: Arc<Frame>) -> Self {
        Self { scope: Some(frame) }
    }

    /// The scope, while it does not run.
    #[inline]
    pub(crate) fn frame(&self) -> Option<&Arc<Frame>> {
        self.scope.as_ref()
    }

    /// Enters the scope for as long as the result lives.
    #[inline]
    pub(crate) fn enter(&mut self) -> EnterGuard<'_> {
        if let Some(frame) = &self.scope {
            if frame.is_pending() {
                return self.enter_first();
            }
        }
        current::swap(&mut self.scope);
        EnterGuard(self)
    }

    /// Enters the scope; the destructor leaves.
    #[inline]
    pub(crate) fn enter_for_drop(&mut self) {
        if let Some(frame) = &self.scope {
            if frame.is_pending() {
                return self.enter_first_for_drop();
            }
        }
        current::swap(&mut self.scope);
    }

    #[inline(never)]
    fn enter_first(&mut self) -> EnterGuard<'_> {
        let old_base = self.rebase_and_swap();
        let guard = EnterGuard(self);
        drop(old_base);
        guard
    }

    /// Dropped without a poll.
    #[cold]
    fn enter_first_for_drop(&mut self) {
        drop(self.rebase_and_swap());
    }

    /// What is returned may only be dropped where the scope will be left again whatever a destructor in it does.
    #[inline]
    fn rebase_and_swap(&mut self) -> Option<OldBase> {
        let scope = self.scope.as_mut();
        let old_base =
            scope.and_then(|scope| current::inspect(|current| Frame::rebase(scope, current)));
        current::swap(&mut self.scope);
        old_base
    }
}

impl Drop for SavedScope {
    #[inline]
    fn drop(&mut self) {
        current::swap(&mut self.scope);
    }
}

/// Leaves the scope when it is dropped, in unwinding too.
pub(crate) struct EnterGuard<'scope>(&'scope mut SavedScope);

impl Drop for EnterGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        current::swap(&mut self.0.scope);
    }
}
