//! The content of a scope: the table of values, and the state that decides how it is entered and captured.

use std::alloc::{Layout, handle_alloc_error};
use std::cell::Cell;
use std::sync::OnceLock;

use triomphe::{Arc, UniqueArc};

use crate::context::ambient::SavedAmbient;
use crate::context::request_tag::RequestTag;
use crate::context::scope_id::ScopeId;
use crate::context::table::{Covered, Table};
use crate::context::var_indices::VarIndices;
use crate::var::binding::{Assignment, Value};
use crate::var::traits::Traits;

/// The context of a scope. It shares one pointer with every snapshot taken of it; a write copies it only if it is
/// shared.
pub(crate) struct Frame {
    state: State,
    id: ScopeId,
    /// The request for which an entry (a layer, `#[context_entry]`) opened this scope or an outer one. An inner entry
    /// joins it instead of generating a second id.
    tag: Option<RequestTag>,
    pub(crate) table: Table,
    /// The snapshot that children inherit if it differs from the frame itself; created at the first capture.
    inherited: OnceLock<Snapshot>,
}

thread_local! {
    /// The allocation of a scope that has ended on this thread. The allocation takes half of the time of a scope.
    static SPARE: Cell<Option<UniqueArc<Frame>>> = const { Cell::new(None) };
}

/// A frame, shared by pointer.
pub(crate) type SharedFrame = Arc<Frame>;

/// A frame that is not changed any more; `None` if it would hold nothing.
pub(crate) type Snapshot = Option<SharedFrame>;

/// Ordered so that a single comparison distinguishes the states that are entered unchanged.
enum State {
    /// Not entered yet. It was created by adding variables to `base`, the context that was current then. If another
    /// context is current at the first entry, the same variables are added to that one instead.
    Pending { base: Snapshot, added: VarIndices },
    /// Not a frame, but a snapshot with ambient state in place of one. It is never in the slot of a thread.
    WithAmbient(Box<WithAmbient>),
    /// Is current for all code that runs in it.
    Open,
    /// Opened by an annotated function that had captured nothing. Until the first write, a future that is polled in it
    /// runs in its captured context instead.
    Vacant,
}

/// A snapshot, or a scope that is not running, with the ambient state that is entered together with it.
pub(crate) struct WithAmbient {
    pub(crate) frame: Snapshot,
    pub(crate) saved: SavedAmbient,
}

/// The content of a scope before its first entry. Dropping it may run users' destructors.
pub(crate) type OldBase = (Snapshot, Option<Arc<Frame>>);

impl Frame {
    const fn new(state: State) -> Self {
        Self {
            state,
            id: ScopeId::NONE,
            tag: None,
            table: Table::new(),
            inherited: OnceLock::new(),
        }
    }

    /// Returns an open frame without values, to be filled in place.
    #[inline]
    fn allocate() -> UniqueArc<Self> {
        // `try_with`, since the thread-local may already be destroyed if the thread is ending.
        match SPARE.try_with(Cell::take) {
            Ok(Some(spare)) => spare,
            _ => Self::allocate_anew(),
        }
    }

    #[cold]
    #[inline(never)]
    fn allocate_anew() -> UniqueArc<Self> {
        // Copies a constant to the heap. `UniqueArc::new` would build the frame on the stack and copy it, and wide
        // loads would wait for narrow stores: 3 ns.
        match UniqueArc::try_new(const { Self::new(State::Open) }) {
            Ok(frame) => frame,
            Err(_) => handle_alloc_error(Layout::new::<Self>()),
        }
    }

    /// Drops the frame of a scope that has ended. Its allocation is kept for the next scope on this thread, but without
    /// any values of the ended scope. Must be called when the outer scope is current again.
    #[inline]
    pub(crate) fn recycle(frame: SharedFrame) {
        if let Ok(last) = Arc::try_unique(frame) {
            Self::recycle_last(last);
        }
    }

    /// A separate function, since a snapshot that is entered repeatedly usually has other owners.
    #[inline(never)]
    fn recycle_last(mut frame: UniqueArc<Self>) {
        if frame.clear() {
            _ = SPARE.try_with(|spare| spare.set(Some(frame)));
        }
    }

    /// Resets the frame to [`Self::new`]. Returns `false` if it is in another state, or has values whose destructors
    /// may be user code, which may panic or enter scopes.
    #[inline]
    fn clear(&mut self) -> bool {
        if !matches!(self.state, State::Open) || !self.table.clear() {
            return false;
        }
        self.id = ScopeId::NONE;
        self.tag = None;
        // `inherited` is empty: it is only created if there are `task_only` values, for which `table.clear` returns
        // `false`.
        true
    }

    /// Returns a scope without values that hides the outer one. `None`: see [`shared`].
    pub(crate) fn empty() -> Option<Arc<Self>> {
        static EMPTY: OnceLock<Arc<Frame>> = OnceLock::new();
        shared(&EMPTY, State::Open)
    }

    /// Returns a scope without values that does not hide the context that a future has captured. `None`: see
    /// [`shared`].
    pub(crate) fn vacant() -> Option<Arc<Self>> {
        static VACANT: OnceLock<Arc<Frame>> = OnceLock::new();
        shared(&VACANT, State::Vacant)
    }

    #[inline]
    pub(crate) fn is_vacant(&self) -> bool {
        matches!(self.state, State::Vacant)
    }

    /// Whether it cannot be put into the slot of a thread unchanged.
    #[inline]
    pub(crate) fn is_pending_or_ambient(&self) -> bool {
        !matches!(self.state, State::Open | State::Vacant)
    }

    pub(crate) fn with_ambient(frame: Snapshot, saved: SavedAmbient) -> Arc<Self> {
        let with_ambient = WithAmbient { frame, saved };
        Arc::new(Self::new(State::WithAmbient(Box::new(with_ambient))))
    }

    pub(crate) fn ambient(&self) -> Option<&WithAmbient> {
        match &self.state {
            State::WithAmbient(ambient) => Some(ambient),
            _ => None,
        }
    }

    pub(crate) fn ambient_mut(&mut self) -> Option<&mut WithAmbient> {
        match &mut self.state {
            State::WithAmbient(ambient) => Some(ambient),
            _ => None,
        }
    }

    /// Creates a scope that adds this value to the context in which it is first entered, which is presumably `base`.
    pub(crate) fn pending(base: Snapshot, assignment: Option<Assignment>) -> UniqueArc<Self> {
        let mut pending = Self::allocate();
        let mut added = VarIndices::default();
        match assignment {
            Some(Assignment {
                index,
                value,
                traits,
            }) => {
                added.push(index);
                pending.id = ScopeId::new();
                pending.fill(base.as_deref(), index, Some(value), traits);
            }
            None => pending = Self::copy_of(base.as_deref()),
        }
        pending.state = State::Pending { base, added };
        pending
    }

    /// Adds another value to a pending scope.
    pub(crate) fn lay_over(&mut self, assignment: Assignment) {
        if let State::Pending { added, .. } = &mut self.state {
            added.push(assignment.index);
        }
        self.add(assignment.index, assignment.value);
    }

    /// Creates the scope of a request, a message or a job, to be filled in place.
    #[cfg(feature = "request-id")]
    pub(crate) fn entry(tag: RequestTag) -> UniqueArc<Self> {
        let mut frame = Self::allocate();
        frame.id = ScopeId::new();
        frame.tag = Some(tag);
        frame
    }

    #[cfg(feature = "request-id")]
    pub(crate) fn tag(&self) -> Option<RequestTag> {
        self.tag
    }

    #[cfg(feature = "request-id")]
    pub(crate) fn set_tag(frame: &mut SharedFrame, tag: RequestTag) {
        if !frame.is_unique() {
            *frame = frame.copy().shareable();
        }
        if let Some(frame) = Arc::get_mut(frame) {
            frame.tag = Some(tag);
            frame.inherited.take();
        }
    }

    /// Prepares the first entry of a pending scope: adds its values to `current`, if that is not its base and `joins`
    /// returns true.
    #[inline]
    pub(crate) fn rebase(
        frame: &mut Arc<Self>,
        current: Option<&Arc<Self>>,
        joins: impl FnOnce(&Self, Option<&Self>) -> bool,
    ) -> Option<OldBase> {
        // A pending frame has a single owner, the future that will enter it.
        let this = Arc::get_mut(frame)?;
        let (base, added) = match std::mem::replace(&mut this.state, State::Open) {
            State::Pending { base, added } => (base, added),
            state => {
                this.state = state;
                return None;
            }
        };
        let other = current.filter(|current| {
            let is_base = base.as_ref().is_some_and(|base| Arc::ptr_eq(base, current));
            !is_base && joins(current, base.as_deref())
        });
        let replaced = other.map(|other| Self::rebase_on(frame, other, added));
        Some((base, replaced))
    }

    #[inline(never)]
    fn rebase_on(frame: &mut Arc<Self>, other: &Self, added: VarIndices) -> Arc<Self> {
        let mut rebased = other.copy();
        rebased.id = frame.id;
        for index in added {
            if let Some(value) = frame.table.get(index) {
                rebased.add(index, value.clone());
            }
        }
        std::mem::replace(frame, rebased.shareable())
    }

    /// Adds a value to a scope that has not been entered yet. A value that it replaces is still held by the base.
    pub(crate) fn add(&mut self, index: u32, value: Value) {
        let traits = value.traits();
        self.table.replace(index, Some(value), traits, &mut None);
    }

    /// Sets the value of the variable `index` and returns the previous one. If snapshots share the frame, it is copied
    /// first, so that they do not change.
    #[inline]
    pub(crate) fn replace(
        frame: &mut Arc<Self>,
        index: u32,
        value: Option<Value>,
        traits: Traits,
        covered: &mut Covered,
    ) -> Option<Value> {
        match Arc::get_mut(frame) {
            Some(frame) => frame.put(index, value, traits, covered),
            None => Self::replace_in_copy(frame, index, value, traits, covered),
        }
    }

    #[inline(never)]
    fn replace_in_copy(
        frame: &mut Arc<Self>,
        index: u32,
        value: Option<Value>,
        traits: Traits,
        covered: &mut Covered,
    ) -> Option<Value> {
        let mut copy = frame.copy();
        let previous = copy.put(index, value, traits, covered);
        *frame = copy.shareable();
        previous
    }

    /// Creates a scope with the values of `under`, except for this one. The value that it replaces is still held by
    /// `under`.
    #[inline]
    pub(crate) fn over(
        under: Option<&Self>,
        index: u32,
        value: Option<Value>,
        traits: Traits,
    ) -> Arc<Self> {
        let mut frame = Self::allocate();
        frame.id = ScopeId::new();
        frame.fill(under, index, value, traits);
        frame.shareable()
    }

    /// Takes over the values of `under`, except for this one.
    #[inline]
    fn fill(&mut self, under: Option<&Self>, index: u32, value: Option<Value>, traits: Traits) {
        if let Some(under) = under {
            self.tag = under.tag;
            self.table.inherit(&under.table, Some(index));
        }
        // The replaced value is still held by `under`.
        self.table.replace(index, value, traits, &mut None);
    }

    /// Creates another scope with the same values.
    pub(crate) fn copy_of(under: Option<&Self>) -> UniqueArc<Self> {
        let mut copy = under.map_or_else(Self::allocate, Self::copy);
        copy.id = ScopeId::new();
        copy
    }

    /// Copies the frame of the same scope, so that it is not shared. The copy is open, even if this frame is vacant.
    #[inline]
    fn copy(&self) -> UniqueArc<Self> {
        let mut copy = Self::allocate();
        copy.id = self.id;
        copy.tag = self.tag;
        copy.table.inherit(&self.table, None);
        copy
    }

    /// Whether a future that has captured `captured` joins this scope when it is polled in it.
    #[inline]
    pub(crate) fn is_joined_by(&self, captured: Option<&Self>) -> bool {
        !self.is_vacant() || captured.is_none()
    }

    /// Like [`is_joined_by`](Self::is_joined_by), for a future that is dropped, has no scope of its own and was last
    /// polled in the scope `polled_in`. Its destructors must not see the values of an unrelated scope, such as that of
    /// another request.
    pub(crate) fn is_joined_for_drop_by(
        &self,
        captured: Option<&Self>,
        polled_in: Option<ScopeId>,
    ) -> bool {
        captured.is_none_or(|captured| {
            polled_in == Some(self.id)
                || captured.id == self.id
                || self.table.holds_all_of(&captured.table)
        })
    }

    #[inline]
    pub(crate) fn id(&self) -> ScopeId {
        self.id
    }

    /// From the first write on, a scope counts as current, even if the value is reset. All vacant scopes share one
    /// frame, so a write copies it, and the copy is open.
    #[expect(
        clippy::inline_always,
        reason = "the write is short, and so are its callers"
    )]
    #[inline(always)]
    fn put(
        &mut self,
        index: u32,
        value: Option<Value>,
        traits: Traits,
        covered: &mut Covered,
    ) -> Option<Value> {
        debug_assert!(
            !self.is_vacant(),
            "a vacant frame is shared, so a write copies it"
        );
        self.id = self.id.or_new();
        self.inherited.take();
        self.table.replace(index, value, traits, covered)
    }

    /// Returns the snapshot that children of this scope inherit.
    #[inline]
    pub(crate) fn capture(frame: &Arc<Self>) -> Snapshot {
        if frame.table.has_task_only() {
            frame.capture_inherited()
        } else {
            Self::snapshot(frame)
        }
    }

    /// Returns the frame itself as a snapshot.
    #[inline]
    pub(crate) fn snapshot(frame: &Arc<Self>) -> Snapshot {
        (!frame.table.is_empty()).then(|| frame.clone())
    }

    #[cold]
    fn capture_inherited(&self) -> Snapshot {
        self.inherited
            .get_or_init(|| {
                let mut inherited = Self {
                    id: self.id,
                    tag: self.tag,
                    ..Self::new(State::Open)
                };
                self.table.visit(&mut |value| {
                    let (index, traits) = (value.variable().index(), value.traits());
                    if !traits.task_only {
                        let value = Some(value.clone());
                        inherited.table.replace(index, value, traits, &mut None);
                    }
                });
                (!inherited.table.is_empty()).then(|| Arc::new(inherited))
            })
            .clone()
    }
}

/// Returns the frame that all scopes without values share.
///
/// Returns `None` on the thread that is creating it. This happens only if the global allocator is annotated code, whose
/// scope is then skipped.
#[inline]
fn shared(frame: &'static OnceLock<Arc<Frame>>, state: State) -> Option<Arc<Frame>> {
    frame.get().cloned().or_else(|| make_shared(frame, state))
}

/// Creates the frame without holding the lock, which could deadlock with itself.
#[cold]
fn make_shared(frame: &'static OnceLock<Arc<Frame>>, state: State) -> Option<Arc<Frame>> {
    thread_local! {
        static IS_MAKING: Cell<bool> = const { Cell::new(false) };
    }

    if IS_MAKING.replace(true) {
        return None;
    }
    let made = Arc::new(Frame::new(state));
    let shared = frame.get_or_init(|| made).clone();
    IS_MAKING.set(false);
    Some(shared)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContextVar;
    use crate::context::current;

    static ANY: ContextVar<u32> = ContextVar::new("any");

    #[test]
    fn the_next_scope_reuses_the_allocation_of_the_last() {
        let address = || current::inspect(|scope| scope.map(|frame| Arc::as_ptr(frame) as usize));
        let first = ANY.sync_scope(1, address);
        // Takes the memory of the first scope if that has been freed.
        let other = Arc::new(Frame::new(State::Open));
        let second = ANY.sync_scope(2, address);
        assert!(first.is_some() && first == second);
        drop(other);
    }

    /// A snapshot keeps the tag that it was taken with.
    #[cfg(feature = "request-id")]
    #[test]
    fn a_shared_frame_is_copied_to_be_tagged() {
        use crate::context::request_tag::Handled;

        let tag = RequestTag::new(true, Handled::default());
        let number = |frame: &SharedFrame| frame.tag().map(RequestTag::number);
        let value = ANY.bind(7);
        let traits = value.traits();
        let mut frame = Frame::over(None, 0, Some(value), traits);
        let snapshot = frame.clone();
        Frame::set_tag(&mut frame, tag);
        assert_eq!(number(&frame), Some(tag.number()));
        assert_eq!(number(&snapshot), None);
        assert!(frame.table.get(0).is_some());

        let other = RequestTag::new(true, Handled::default());
        let before = Arc::as_ptr(&frame);
        Frame::set_tag(&mut frame, other);
        assert_eq!(number(&frame), Some(other.number()));
        assert_eq!(Arc::as_ptr(&frame), before);
    }
}
