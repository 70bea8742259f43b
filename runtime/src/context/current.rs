//! The only thread-local that a poll accesses: the current scope of this thread.
//!
//! A read lends the scope to user code, which may read, write and enter other scopes. Meanwhile the slot is borrowed,
//! and a scope that replaces the borrowed one is stored next to it. No other access runs user code while it holds the
//! slot. So an access never finds the slot borrowed in an unexpected way, and none can panic.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;

use triomphe::Arc;

use crate::context::frame::{Frame, SharedFrame, Snapshot};
use crate::context::scope_id::ScopeId;
use crate::context::table::Covered;
use crate::var::binding::Value;
use crate::var::traits::Traits;

/// The content of the slot: the frame of the current scope, or `None` outside of every scope.
pub(crate) type Scope = Option<SharedFrame>;

/// The error for a write outside of every scope. Returns the value.
pub(crate) struct OutsideEveryScope(pub(crate) Value);

/// Has no destructor (`ManuallyDrop`), so that an access is a single load, and works while the other thread-locals of a
/// thread are destroyed. Nothing leaks: every scope that is entered is left, so the slot of a thread that ends is
/// empty.
struct Slot {
    /// The current scope, or the one that was current when a read borrowed it.
    scope: RefCell<ManuallyDrop<Scope>>,
    /// The current scope, if a value was set (in a copy) or another scope was entered while a read borrows. Always
    /// empty otherwise.
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

/// Enters `scope` and returns the outer one, or leaves a scope and returns it.
#[inline]
pub(crate) fn replace(scope: Scope) -> Scope {
    ManuallyDrop::into_inner(exchange(ManuallyDrop::new(scope)))
}

/// Exchanges `scope` with the slot, which is the entire overhead of a poll.
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

/// Inspects the current scope. `look` may increment reference counts, but must not run user code.
#[inline]
pub(crate) fn inspect<R>(look: impl FnOnce(Option<&Arc<Frame>>) -> R) -> R {
    // The closure contains only a call: a longer one keeps `LocalKey::with` from being inlined.
    SLOT.with(|slot| slot.inspect(look))
}

#[cold]
#[inline(never)]
fn inspect_in_read<R>(look: impl FnOnce(Option<&Arc<Frame>>) -> R) -> R {
    look(SLOT.with(Slot::share_in_read).as_ref())
}

/// Lends the current scope to `f`, which may run any user code.
#[inline]
pub(crate) fn lend<R>(f: impl FnOnce(Option<&Frame>) -> R) -> R {
    lend_part(|frame| Some(frame), f)
}

/// Lends a part of the current scope to `f`, which may run any user code; `find` must not.
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
        // Declared in this order, so that the borrow ends first.
        let _settles = Settle(self);
        let lent = self.scope.try_borrow().ok();
        f(lent.as_ref().and_then(|lent| find(lent.as_deref()?)))
    }

    /// Returns the current scope while a read borrows the slot.
    #[cold]
    fn share_in_read(&self) -> Scope {
        let instead = self.instead.replace(NOTHING);
        let shared = match &*instead {
            Some(scope) => Some(scope.clone()),
            // This only fails if the global allocator is annotated code and runs while the slot is held.
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

/// At the end of the outermost read, replaces the borrowed scope by the one that was set meanwhile, also when
/// unwinding.
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
    // The slot is filled before the old scope is dropped: destructors may run any code.
    drop(ManuallyDrop::into_inner(exchange(newer)));
}

/// Shares the current scope, to continue it elsewhere, for example in the body of a response.
#[inline]
pub(crate) fn share() -> Scope {
    inspect(|scope| Some(scope?.clone()))
}

/// Returns the snapshot that children of the current scope inherit.
#[inline]
pub(crate) fn capture() -> Snapshot {
    inspect(|scope| scope.and_then(Frame::capture))
}

/// Returns the id of the current scope.
#[inline]
pub(crate) fn id() -> ScopeId {
    inspect(|scope| scope.map_or(ScopeId::NONE, |scope| scope.id()))
}

/// Changes the current scope, which is `None` outside of every scope. `change` must not run user code.
#[inline]
pub(crate) fn update<R>(change: impl FnOnce(Option<&mut Arc<Frame>>) -> R) -> R {
    let mut scope = exchange(NOTHING);
    if scope.is_none() {
        // Outside of every scope, or the first write since a read borrowed the slot.
        scope = ManuallyDrop::new(SLOT.with(Slot::share_in_read));
    }
    let changed = change(scope.as_mut());
    exchange(scope);
    changed
}

/// Sets the value at `index` in the current scope, and returns the previous one. The caller must drop the value in
/// `covered` afterwards.
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
    reason = "otherwise one call in three is not inlined"
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
