//! The only thread-local that a poll looks at: which scope runs on this thread right now.
//!
//! What changes the slot takes the frame out of it, changes that, and puts it back, and runs no user code in between. A read
//! does run user code, and borrows the value: for as long as it does, the frame is beside the slot, where other reads
//! find it. So no read can find the slot borrowed, and none can panic.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::context::frame::{Frame, Snapshot};
use crate::context::scope_id::ScopeId;
use crate::var::binding::Value;

/// What the slot holds: the frame of the scope that runs, `None` outside every scope.
pub(crate) type Scope = Option<Arc<Frame>>;

/// Why nothing could be written.
pub(crate) struct OutsideEveryScope;

/// Without a destructor of its own (`ManuallyDrop`), so that an access is one load, and works while a thread's other
/// thread-locals are destroyed. Nothing leaks: whoever entered a scope leaves it, so the slot of a thread that ends is
/// empty.
struct Slot {
    scope: Cell<ManuallyDrop<Scope>>,
    /// The scope that runs, while a read borrows from it. Then the slot is empty, until something is set in that scope (in a
    /// copy, which replaces it when the read is over), or another scope is entered.
    lent: RefCell<ManuallyDrop<Scope>>,
}

const NOTHING: ManuallyDrop<Scope> = ManuallyDrop::new(None);

thread_local! {
    static SLOT: Slot = const {
        Slot {
            scope: Cell::new(NOTHING),
            lent: RefCell::new(NOTHING),
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
    *scope = replace(scope.take());
}

/// Inspects the scope that runs. `look` may raise reference counts, and must run no user code.
#[inline]
pub(crate) fn inspect<R>(look: impl FnOnce(Option<&Arc<Frame>>) -> R) -> R {
    let scope = exchange(NOTHING);
    if scope.is_none() {
        return inspect_lent(look);
    }
    let seen = look(scope.as_ref());
    put_back(scope);
    seen
}

#[cold]
fn inspect_lent<R>(look: impl FnOnce(Option<&Arc<Frame>>) -> R) -> R {
    SLOT.with(|slot| match slot.lent.try_borrow() {
        Ok(lent) => look(lent.as_ref()),
        Err(_) => look(None),
    })
}

/// Lends the scope that runs to `f`, which may run any user code.
#[inline]
pub(crate) fn lend<R>(f: impl FnOnce(Option<&Frame>) -> R) -> R {
    SLOT.with(|slot| {
        let scope = slot.scope.replace(NOTHING);
        if scope.is_none() {
            return slot.lend_again(f);
        }
        let Ok(mut place) = slot.lent.try_borrow_mut() else {
            slot.scope.set(scope);
            return lend_copy(f);
        };
        *place = scope;
        drop(place);
        let _gives_back = GiveBack(slot);
        let lent = slot.lent.try_borrow().ok();
        f(lent.as_ref().and_then(|lent| lent.as_deref()))
    })
}

/// In a scope that was entered inside of a read.
#[cold]
fn lend_copy<R>(f: impl FnOnce(Option<&Frame>) -> R) -> R {
    f(share().as_deref())
}

/// Puts the scope back where it was, in unwinding too.
struct GiveBack<'slot>(&'slot Slot);

impl Drop for GiveBack<'_> {
    #[inline]
    fn drop(&mut self) {
        let Self(slot) = self;
        if let Ok(mut place) = slot.lent.try_borrow_mut() {
            let scope = std::mem::replace(&mut *place, NOTHING);
            drop(place);
            let newer = slot.scope.replace(scope);
            if newer.is_some() {
                slot.keep(newer);
            }
        }
    }
}

impl Slot {
    /// Inside of a read, or outside every scope.
    #[cold]
    fn lend_again<R>(&self, f: impl FnOnce(Option<&Frame>) -> R) -> R {
        let lent = self.lent.try_borrow().ok();
        f(lent.as_ref().and_then(|lent| lent.as_deref()))
    }

    /// Something was set while the scope was lent.
    #[cold]
    fn keep(&self, newer: ManuallyDrop<Scope>) {
        let older = self.scope.replace(newer);
        // The slot is filled again: destructors may do what they like.
        drop(ManuallyDrop::into_inner(older));
    }
}

/// For a write while the scope is lent.
#[cold]
fn copy_of_lent() -> ManuallyDrop<Scope> {
    inspect_lent(|lent| ManuallyDrop::new(lent.cloned()))
}

/// The scope that runs, to be continued elsewhere, as in the body of a response.
#[inline]
pub(crate) fn share() -> Scope {
    inspect(|scope| scope.map(Arc::clone))
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
        scope = copy_of_lent();
    }
    let changed = change(scope.as_mut());
    put_back(scope);
    changed
}

/// Puts `value` in the place `index` of the scope that runs, and returns what was there.
#[inline]
pub(crate) fn set(
    index: u32,
    value: &Value,
    task_only: bool,
) -> Result<Option<Value>, OutsideEveryScope> {
    update(|scope| {
        let frame = scope.ok_or(OutsideEveryScope)?;
        Ok(Frame::replace(frame, index, Some(value.clone()), task_only))
    })
}

#[expect(
    clippy::inline_always,
    reason = "left to itself, one copy in three stays a call"
)]
#[inline(always)]
fn exchange(scope: ManuallyDrop<Scope>) -> ManuallyDrop<Scope> {
    SLOT.with(|slot| slot.scope.replace(scope))
}

/// Into the slot that [`exchange`] has left empty. Two short accesses, since a long closure would keep
/// `LocalKey::with` from being inlined.
#[inline]
fn put_back(scope: ManuallyDrop<Scope>) {
    SLOT.with(|slot| slot.scope.set(scope));
}
