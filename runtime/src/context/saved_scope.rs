//! Where a future's scope is kept between polls, and how it is entered and left.

use std::panic::{RefUnwindSafe, UnwindSafe};

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
    pub(crate) fn new(scope: impl Into<Scope>) -> Self {
        Self {
            scope: scope.into(),
        }
    }

    /// The scope, while it does not run.
    #[inline]
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
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
        let old_base = self.rebase_and_swap(Frame::is_joined_by);
        let guard = EnterGuard(self);
        drop(old_base);
        guard
    }

    /// Dropped without a poll.
    #[cold]
    fn enter_first_for_drop(&mut self) {
        drop(self.rebase_and_swap(|frame, base| frame.is_joined_for_drop_by(base, None)));
    }

    /// What is returned may only be dropped where the scope will be left again whatever a destructor in it does.
    #[inline]
    fn rebase_and_swap(&mut self, joins: fn(&Frame, Option<&Frame>) -> bool) -> Option<OldBase> {
        let scope = self.scope.as_mut();
        let old_base = scope
            .and_then(|scope| current::inspect(|current| Frame::rebase(scope, current, joins)));
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
