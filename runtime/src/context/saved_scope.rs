//! Where a future's scope is kept between polls, and how it is entered and left.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::panic::{RefUnwindSafe, UnwindSafe};

use triomphe::Arc;

use crate::context::ambient::{self, Entered};
use crate::context::current::{self, Scope};
use crate::context::frame::{Frame, OldBase, WithAmbient};

/// A scope while it does not run; while it runs, the scope around it. (Where it has ambient state, that state stays here
/// while it runs.)
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

    /// Runs `f` in the scope.
    #[inline]
    pub(crate) fn run<R>(&mut self, f: impl FnOnce() -> R) -> R {
        if self.is_pending_or_ambient() {
            return self.run_slowly(f);
        }
        let _guard = self.enter();
        f()
    }

    /// Enters a scope that has run before, and has no ambient state, for as long as the result lives.
    #[inline]
    pub(crate) fn enter(&mut self) -> EnterGuard<'_> {
        current::swap(&mut self.scope);
        EnterGuard(self)
    }

    /// Enters the scope; the destructor leaves.
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

    /// Dropped without a poll, or with ambient state.
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
        // Its last owner closes a span in here.
        self.scope = None;
        drop(current::replace(outer));
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
        if self.is_pending_or_ambient() {
            return self.leave_slowly_after_drop();
        }
        current::swap(&mut self.scope);
        if let Some(frame) = self.scope.take() {
            Frame::recycle(frame);
        }
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

/// The ambient state of a scope, which changes with what is written there: so it belongs to this scope alone.
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
    /// Those of this thread, the innermost last. Without a destructor: it is empty whenever no drop is under way, and what is
    /// under way when the process exits is left alone.
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
