//! Stores the scope of a future between polls, and enters and leaves it.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::panic::{RefUnwindSafe, UnwindSafe};

use triomphe::Arc;

use crate::context::ambient::{self, Entered};
use crate::context::current::{self, Scope};
use crate::context::frame::{Frame, OldBase, WithAmbient};

/// A scope while it is not running; while it is running, the outer scope. (If the scope has ambient state, that state
/// stays here while it is running.)
///
/// A wrapper that owns a `SavedScope` enters it first in its own destructor. Its fields are then dropped in declaration
/// order: the wrapped future, then the `SavedScope`, which leaves the scope. So the future's destructors run inside the
/// scope even if they panic, and no field has to record whether the future was dropped.
pub(crate) struct SavedScope {
    scope: Scope,
}

/// The scope is replaced in a single step, so a panic cannot leave it in an inconsistent state.
impl UnwindSafe for SavedScope {}
impl RefUnwindSafe for SavedScope {}

impl SavedScope {
    #[inline]
    pub(crate) fn new(scope: impl Into<Scope>) -> Self {
        Self {
            scope: scope.into(),
        }
    }

    /// The scope, while it is not running.
    #[inline]
    pub(crate) fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Runs `f` in the scope.
    #[inline]
    pub(crate) fn run<R>(&mut self, f: impl FnOnce() -> R) -> R {
        if self.is_pending_or_ambient() {
            return self.run_slowly(f);
        }
        let _guard = self.enter();
        f()
    }

    /// Enters a scope that has run before and has no ambient state, until the result is dropped.
    #[inline]
    pub(crate) fn enter(&mut self) -> EnterGuard<'_> {
        current::swap(&mut self.scope);
        EnterGuard(self)
    }

    /// Enters the scope; the destructor leaves it.
    #[inline]
    pub(crate) fn enter_for_drop(&mut self) {
        if self.is_pending_or_ambient() {
            return self.enter_slowly_for_drop();
        }
        current::swap(&mut self.scope);
    }

    #[inline]
    fn is_pending_or_ambient(&self) -> bool {
        self.scope
            .as_ref()
            .is_some_and(|frame| frame.is_pending_or_ambient())
    }

    #[inline(never)]
    fn run_slowly<R>(&mut self, f: impl FnOnce() -> R) -> R {
        if let Some(ambient) = own_ambient(&mut self.scope) {
            return run_with_ambient(ambient, f);
        }
        let old_base = self.rebase_and_swap(Frame::is_joined_by);
        let _guard = EnterGuard(self);
        drop(old_base);
        f()
    }

    /// Enters the scope of a future that is dropped without a poll, or a scope with ambient state.
    #[cold]
    fn enter_slowly_for_drop(&mut self) {
        if let Some(ambient) = own_ambient(&mut self.scope) {
            let outer = current::replace(ambient.frame.take().or_else(Frame::empty));
            let entered = ambient::enter(&ambient.saved);
            return Dropping { outer, entered }.push();
        }
        drop(self.rebase_and_swap(|frame, base| frame.is_joined_for_drop_by(base, None)));
    }

    #[cold]
    fn leave_slowly_after_drop(&mut self) {
        let Some(Dropping { outer, entered }) = Dropping::pop() else {
            return;
        };
        drop(entered);
        // The last owner closes a span inside the scope.
        self.scope = None;
        drop(current::replace(outer));
    }

    /// The result may only be dropped when the scope is sure to be left, even if a destructor in it panics.
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
        if self.is_pending_or_ambient() {
            return self.leave_slowly_after_drop();
        }
        current::swap(&mut self.scope);
        if let Some(frame) = self.scope.take() {
            Frame::recycle(frame);
        }
    }
}

/// Leaves the scope when dropped, also when unwinding.
pub(crate) struct EnterGuard<'scope>(&'scope mut SavedScope);

impl Drop for EnterGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        current::swap(&mut self.0.scope);
    }
}

/// Returns the ambient state of a scope, after copying it if it is shared: writes in the scope change it, so it must
/// belong to this scope only.
fn own_ambient(scope: &mut Scope) -> Option<&mut WithAmbient> {
    let frame = scope.as_mut()?;
    let WithAmbient {
        frame: values,
        saved,
    } = frame.ambient()?;
    if Arc::strong_count(frame) > 1 {
        *frame = Frame::with_ambient(values.clone(), saved.clone());
    }
    Arc::get_mut(frame)?.ambient_mut()
}

fn run_with_ambient<R>(ambient: &mut WithAmbient, f: impl FnOnce() -> R) -> R {
    struct Leave<'scope> {
        scope: &'scope mut Scope,
        outer: Scope,
    }

    impl Drop for Leave<'_> {
        fn drop(&mut self) {
            *self.scope = current::replace(self.outer.take());
        }
    }

    let WithAmbient { frame, saved } = ambient;
    let outer = current::replace(frame.take().or_else(Frame::empty));
    let _leaves = Leave {
        scope: frame,
        outer,
    };
    ambient::run(saved, f)
}

/// A scope with ambient state whose future is being dropped in it.
struct Dropping {
    outer: Scope,
    entered: Entered,
}

thread_local! {
    /// The scopes of this thread, the innermost last. It has no destructor: it is empty unless a drop is in progress,
    /// and a drop that is in progress when the process exits is left alone.
    static DROPPING: Cell<ManuallyDrop<Vec<Dropping>>> =
        const { Cell::new(ManuallyDrop::new(Vec::new())) };
}

impl Dropping {
    fn push(self) {
        let mut dropping = ManuallyDrop::into_inner(DROPPING.take());
        dropping.push(self);
        DROPPING.set(ManuallyDrop::new(dropping));
    }

    fn pop() -> Option<Self> {
        let mut dropping = ManuallyDrop::into_inner(DROPPING.take());
        let last = dropping.pop();
        if !dropping.is_empty() {
            DROPPING.set(ManuallyDrop::new(dropping));
        }
        last
    }
}
