//! The only thread-local: which scope runs on this thread right now.
//!
//! Everything here takes the frame out of the slot, looks at it or changes it, and puts it back, with no code of a
//! user in between. So no read can find the slot borrowed, and none can panic.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::context::frame::Frame;

/// What the slot holds: the frame of the scope that runs, `None` outside every scope.
pub(crate) type Scope = Option<Arc<Frame>>;

thread_local! {
    /// Without a destructor of its own (`ManuallyDrop`), so that an access is one load, and works while a thread's
    /// other thread-locals are destroyed. Nothing is lost by that: whoever entered a scope leaves it, so the slot of
    /// a thread that ends is empty.
    static CURRENT: Cell<ManuallyDrop<Scope>> = const { Cell::new(ManuallyDrop::new(None)) };
}

/// Enters `scope` and gives back the one around it, or the other way round.
#[inline]
pub(crate) fn replace(scope: Scope) -> Scope {
    ManuallyDrop::into_inner(exchange(ManuallyDrop::new(scope)))
}

/// Exchanges `scope` with the slot: the whole cost of a poll.
#[inline]
pub(crate) fn swap(scope: &mut Scope) {
    *scope = replace(scope.take());
}

/// Looks at the scope that runs. `look` may raise counts of references, and must run nothing of a user.
#[inline]
pub(crate) fn inspect<R>(look: impl FnOnce(Option<&Arc<Frame>>) -> R) -> R {
    let scope = exchange(ManuallyDrop::new(None));
    let seen = look(scope.as_ref());
    put_back(scope);
    seen
}

/// The scope that runs, to be gone on with elsewhere, as in the body of a response.
pub(crate) fn share() -> Scope {
    inspect(|scope| scope.map(Arc::clone))
}

/// Changes the scope that runs, `None` outside every scope. `change` must run nothing of a user.
#[inline]
pub(crate) fn update<R>(change: impl FnOnce(Option<&mut Arc<Frame>>) -> R) -> R {
    let mut scope = exchange(ManuallyDrop::new(None));
    let changed = change(scope.as_mut());
    put_back(scope);
    changed
}

#[expect(
    clippy::inline_always,
    reason = "left to itself, one copy in three stays a call"
)]
#[inline(always)]
fn exchange(scope: ManuallyDrop<Scope>) -> ManuallyDrop<Scope> {
    CURRENT.with(|slot| slot.replace(scope))
}

/// Into the slot that [`exchange`] has left empty. Two short accesses, since a long closure would keep
/// `LocalKey::with` from being inlined.
#[inline]
fn put_back(scope: ManuallyDrop<Scope>) {
    CURRENT.with(|slot| slot.set(scope));
}
