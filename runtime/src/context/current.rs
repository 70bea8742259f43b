//! The only thread-local: which scope runs on this thread right now.
//!
//! Everything here takes the frame out of the slot, inspects or changes it, and puts it back, and runs no user code in
//! between. So no read can find the slot borrowed, and none can panic.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::context::frame::{Frame, Snapshot};
use crate::context::scope_id::ScopeId;
use crate::var::binding::Value;

/// What the slot holds: the frame of the scope that runs, `None` outside every scope.
pub(crate) type Scope = Option<Arc<Frame>>;

/// Why nothing could be written.
pub(crate) struct OutsideEveryScope;

thread_local! {
    /// Without a destructor of its own (`ManuallyDrop`), so that an access is one load, and works while a thread's
    /// other thread-locals are destroyed. Nothing leaks: whoever entered a scope leaves it, so the slot of a thread
    /// that ends is empty.
    static CURRENT: Cell<ManuallyDrop<Scope>> = const { Cell::new(ManuallyDrop::new(None)) };
}

/// Enters `scope` and returns the one around it, or the other way round.
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
    let scope = exchange(ManuallyDrop::new(None));
    let seen = look(scope.as_ref());
    put_back(scope);
    seen
}

/// The scope that runs, to be continued elsewhere, as in the body of a response.
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
    let mut scope = exchange(ManuallyDrop::new(None));
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
    CURRENT.with(|slot| slot.replace(scope))
}

/// Into the slot that [`exchange`] has left empty. Two short accesses, since a long closure would keep
/// `LocalKey::with` from being inlined.
#[inline]
fn put_back(scope: ManuallyDrop<Scope>) {
    CURRENT.with(|slot| slot.set(scope));
}
