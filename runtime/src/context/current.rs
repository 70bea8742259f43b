//! The only thread-local that a poll looks at: which scope runs on this thread right now.
//!
//! A read lends the scope to user code, which may do anything: read, write, enter other scopes. For as long as it does, the
//! slot is borrowed, and what would replace its scope goes beside it. Everything else runs no user code while it holds the
//! slot. So no access can find the slot borrowed in a way that it is not prepared for, and none can panic.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use triomphe::Arc;

use crate::context::frame::{Frame, SharedFrame, Snapshot};
use crate::context::scope_id::ScopeId;
use crate::context::table::Covered;
use crate::var::binding::Value;
use crate::var::traits::Traits;

/// What the slot holds: the frame of the scope that runs, `None` outside every scope.
pub(crate) type Scope = Option<SharedFrame>;

/// Why the value could not be written.
pub(crate) struct OutsideEveryScope(pub(crate) Value);

/// Without a destructor of its own (`ManuallyDrop`), so that an access is one load, and works while a thread's other
/// thread-locals are destroyed. Nothing leaks: whoever entered a scope leaves it, so the slot of a thread that ends is
/// empty.
struct Slot {
    /// The scope that runs, or that ran when a read borrowed it.
    scope: RefCell<ManuallyDrop<Scope>>,
    /// The scope that runs instead, since something was set (in a copy) or another scope was entered while a read
    /// borrows. Always empty where none does.
    instead: Cell<ManuallyDrop<Scope>>,
}

const NOTHING: ManuallyDrop<Scope> = ManuallyDrop::new(None);

thread_local! {
    static SLOT: Slot = const {
        Slot {
            scope: RefCell::new(NOTHING),
            instead: Cell::new(NOTHING),
        }
    };
}

/// Enters `scope` and returns the one around it, or leaves and returns the inner one.
#[inline]
pub(crate) fn replace(scope: Scope) -> Scope {
    ManuallyDrop::into_inner(exchange(ManuallyDrop::new(scope)))
}

/// Exchanges `scope` with the slot: all that a poll costs.
#[inline]
pub(crate) fn swap(scope: &mut Scope) {
    SLOT.with(|slot| match slot.scope.try_borrow_mut() {
        Ok(mut place) => std::mem::swap(&mut **place, scope),
        Err(_) => swap_in_read(scope),
    });
}

#[cold]
#[inline(never)]
fn swap_in_read(scope: &mut Scope) {
    *scope = ManuallyDrop::into_inner(exchange_in_read(ManuallyDrop::new(scope.take())));
}

/// Inspects the scope that runs. `look` may raise reference counts, and must run no user code.
#[inline]
pub(crate) fn inspect<R>(look: impl FnOnce(Option<&Arc<Frame>>) -> R) -> R {
    // A call and nothing else in the closure: a longer one keeps `LocalKey::with` from being inlined.
    SLOT.with(|slot| slot.inspect(look))
}

#[cold]
#[inline(never)]
fn inspect_in_read<R>(look: impl FnOnce(Option<&Arc<Frame>>) -> R) -> R {
    look(SLOT.with(Slot::share_in_read).as_ref())
}

/// Lends the scope that runs to `f`, which may run any user code.
#[inline]
pub(crate) fn lend<R>(f: impl FnOnce(Option<&Frame>) -> R) -> R {
    lend_part(|frame| Some(frame), f)
}

/// Lends a part of the scope that runs to `f`, which may run any user code; `find` must not.
#[inline]
pub(crate) fn lend_part<P: ?Sized, R>(
    find: impl Fn(&Frame) -> Option<&P>,
    f: impl FnOnce(Option<&P>) -> R,
) -> R {
    SLOT.with(|slot| slot.lend_part(find, f))
}

impl Slot {
    #[inline]
    fn inspect<R>(&self, look: impl FnOnce(Option<&Arc<Frame>>) -> R) -> R {
        match self.scope.try_borrow_mut() {
            Ok(scope) => look(scope.as_ref()),
            Err(_) => inspect_in_read(look),
        }
    }

    #[inline(never)]
    fn lend_part<P: ?Sized, R>(
        &self,
        find: impl Fn(&Frame) -> Option<&P>,
        f: impl FnOnce(Option<&P>) -> R,
    ) -> R {
        if self.scope.try_borrow_mut().is_err() {
            return lend_in_read(self, find, f);
        }
        // In this order, so that the borrow ends first.
        let _settles = Settle(self);
        let lent = self.scope.try_borrow().ok();
        f(lent.as_ref().and_then(|lent| find(lent.as_deref()?)))
    }

    /// The scope that runs, while a read borrows the slot.
    #[cold]
    fn share_in_read(&self) -> Scope {
        let instead = self.instead.replace(NOTHING);
        let shared = match &*instead {
            Some(scope) => Some(scope.clone()),
            // Where this fails, the global allocator is annotated code, and runs while the slot is held.
            None => self
                .scope
                .try_borrow()
                .ok()
                .and_then(|lent| (**lent).clone()),
        };
        self.instead.set(instead);
        shared
    }
}

#[cold]
#[inline(never)]
fn lend_in_read<P: ?Sized, R>(
    slot: &Slot,
    find: impl Fn(&Frame) -> Option<&P>,
    f: impl FnOnce(Option<&P>) -> R,
) -> R {
    let scope = slot.share_in_read();
    f(scope.as_deref().and_then(find))
}

/// When the outermost read is over, what was set meanwhile takes the place of what it had borrowed; in unwinding too.
struct Settle<'slot>(&'slot Slot);

impl Drop for Settle<'_> {
    #[inline]
    fn drop(&mut self) {
        let newer = self.0.instead.replace(NOTHING);
        if newer.is_some() {
            keep(newer);
        }
    }
}

#[cold]
fn keep(newer: ManuallyDrop<Scope>) {
    // The slot is filled again when this is dropped: destructors may do what they like.
    drop(ManuallyDrop::into_inner(exchange(newer)));
}

/// The scope that runs, to be continued elsewhere, as in the body of a response.
#[inline]
pub(crate) fn share() -> Scope {
    inspect(|scope| Some(scope?.clone()))
}

/// The snapshot that children of the scope that runs inherit.
#[inline]
pub(crate) fn capture() -> Snapshot {
    inspect(|scope| scope.and_then(Frame::capture))
}

/// Which scope runs.
#[inline]
pub(crate) fn id() -> ScopeId {
    inspect(|scope| scope.map_or(ScopeId::NONE, |scope| scope.id()))
}

/// Changes the scope that runs, `None` outside every scope. `change` must run no user code.
#[inline]
pub(crate) fn update<R>(change: impl FnOnce(Option<&mut Arc<Frame>>) -> R) -> R {
    let mut scope = exchange(NOTHING);
    if scope.is_none() {
        // Outside every scope, or the first write since a read borrowed the slot.
        scope = ManuallyDrop::new(SLOT.with(Slot::share_in_read));
    }
    let changed = change(scope.as_mut());
    exchange(scope);
    changed
}

/// Puts `value` in the place `index` of the scope that runs, and returns what was there. When it is over, what is in
/// `covered` has to be dropped, too.
#[inline]
pub(crate) fn set(
    index: u32,
    value: Value,
    traits: Traits,
    covered: &mut Covered,
) -> Result<Option<Value>, OutsideEveryScope> {
    update(|scope| {
        let Some(frame) = scope else {
            return Err(OutsideEveryScope(value));
        };
        Ok(Frame::replace(frame, index, Some(value), traits, covered))
    })
}

#[expect(
    clippy::inline_always,
    reason = "left to itself, one copy in three stays a call"
)]
#[inline(always)]
fn exchange(scope: ManuallyDrop<Scope>) -> ManuallyDrop<Scope> {
    SLOT.with(|slot| match slot.scope.try_borrow_mut() {
        Ok(mut place) => std::mem::replace(&mut *place, scope),
        Err(_) => exchange_in_read(scope),
    })
}

#[cold]
#[inline(never)]
fn exchange_in_read(scope: ManuallyDrop<Scope>) -> ManuallyDrop<Scope> {
    SLOT.with(|slot| slot.instead.replace(scope))
}
