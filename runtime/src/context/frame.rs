//! What a scope holds: the table of values, and the few facts that decide how it is entered and captured.

use std::sync::{Arc, LazyLock, OnceLock};

use crate::context::request_tag::RequestTag;
use crate::context::table::Table;
use crate::context::var_indices::VarIndices;
use crate::var::binding::{Assignment, Value};

/// A scope's own context. Shared by pointer with every snapshot taken of it; a write copies it only then.
pub(crate) struct Frame {
    state: State,
    /// Whether a `task_only` value is, or once was, among the values: then a capture has to leave it out.
    has_task_only: bool,
    /// The request that an entry (a layer, `#[context_entry]`) opened this scope for, or a scope around it: an inner
    /// entry joins, instead of making a second id.
    tag: Option<RequestTag>,
    pub(crate) table: Table,
    /// What children inherit where that differs from the whole, made at the first capture.
    inherited: OnceLock<Snapshot>,
}

/// A frame that nobody changes any more; `None` where it would hold nothing.
pub(crate) type Snapshot = Option<Arc<Frame>>;

enum State {
    /// Counts as current for everything that runs in it.
    Open,
    /// Opened by an annotated function that had captured nothing: until the first write, it gives way to whatever a
    /// future that is polled in it has captured.
    Vacant,
    /// Not entered yet, and made by adding variables to `base`, the context of that moment. Where another one is
    /// current at the first entry, the same variables are added to that instead.
    Pending { base: Snapshot, added: VarIndices },
}

/// What a scope held until its first entry. Its drop may run a user's destructors.
pub(crate) type OldBase = (Snapshot, Option<Arc<Frame>>);

static EMPTY: LazyLock<Arc<Frame>> = LazyLock::new(|| Arc::new(Frame::new(State::Open)));
static VACANT: LazyLock<Arc<Frame>> = LazyLock::new(|| Arc::new(Frame::new(State::Vacant)));

impl Frame {
    const fn new(state: State) -> Self {
        Self {
            state,
            has_task_only: false,
            tag: None,
            table: Table::new(),
            inherited: OnceLock::new(),
        }
    }

    /// A scope without values that hides what is around it.
    pub(crate) fn empty() -> Arc<Self> {
        EMPTY.clone()
    }

    /// A scope without values that hides nothing that a future has captured.
    pub(crate) fn vacant() -> Arc<Self> {
        VACANT.clone()
    }

    #[inline]
    pub(crate) fn is_vacant(&self) -> bool {
        matches!(self.state, State::Vacant)
    }

    #[inline]
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.state, State::Pending { .. })
    }

    /// A scope that lays this value over those of the scope in which it is entered first: presumably that of `base`.
    pub(crate) fn pending(base: Snapshot, assignment: Option<Assignment>) -> Arc<Self> {
        let mut frame = base.as_ref().map_or_else(Self::empty, Arc::clone);
        // A copy: the base has it, too.
        let this = Arc::make_mut(&mut frame);
        let mut added = VarIndices::default();
        if let Some(Assignment {
            index,
            value,
            task_only,
        }) = assignment
        {
            added.push(index);
            // What it covers is still held by the base.
            let _covered = this.put(index, Some(value), task_only);
        }
        this.state = State::Pending { base, added };
        frame
    }

    /// Lays one value more over what a pending scope is entered in.
    pub(crate) fn lay_over(&mut self, assignment: Assignment) {
        if let State::Pending { added, .. } = &mut self.state {
            added.push(assignment.index);
        }
        self.add(assignment.index, assignment.value);
    }

    /// The scope of a request, a message or a job.
    #[cfg(feature = "request-id")]
    pub(crate) fn entry(tag: RequestTag) -> Self {
        Self {
            tag: Some(tag),
            ..Self::new(State::Open)
        }
    }

    #[cfg(feature = "request-id")]
    pub(crate) fn tag(&self) -> Option<RequestTag> {
        self.tag
    }

    #[cfg(feature = "request-id")]
    pub(crate) fn set_tag(&mut self, tag: RequestTag) {
        self.tag = Some(tag);
        self.inherited.take();
    }

    /// The first entry of a pending scope: lays its values over `current`, where that is another one than its base.
    #[inline]
    pub(crate) fn rebase(frame: &mut Arc<Self>, current: Option<&Arc<Self>>) -> Option<OldBase> {
        // A pending frame has one owner, the future that will enter it.
        let this = Arc::get_mut(frame)?;
        let State::Pending { base, added } = std::mem::replace(&mut this.state, State::Open) else {
            return None;
        };
        let other = current.filter(|current| {
            let is_base = base.as_ref().is_some_and(|base| Arc::ptr_eq(base, current));
            !is_base && !current.is_vacant()
        });
        let replaced = other.map(|other| Self::rebase_on(frame, other, added));
        Some((base, replaced))
    }

    #[inline(never)]
    fn rebase_on(frame: &mut Arc<Self>, other: &Self, added: VarIndices) -> Arc<Self> {
        let mut rebased = other.clone();
        for index in added {
            if let Some(value) = frame.table.get(index) {
                rebased.add(index, value.clone());
            }
        }
        std::mem::replace(frame, Arc::new(rebased))
    }

    pub(crate) fn add(&mut self, index: u32, value: Value) {
        self.has_task_only |= value.variable().is_task_only();
        self.table.replace(index, Some(value));
    }

    /// Puts `value` in the place of the variable `index` and returns what was there; where snapshots share the frame,
    /// it is copied first, so that they keep what they saw.
    #[inline]
    pub(crate) fn replace(
        frame: &mut Arc<Self>,
        index: u32,
        value: Option<Value>,
        task_only: bool,
    ) -> Option<Value> {
        match Arc::get_mut(frame) {
            Some(frame) => frame.put(index, value, task_only),
            None => Self::replace_in_copy(frame, index, value, task_only),
        }
    }

    #[inline(never)]
    fn replace_in_copy(
        frame: &mut Arc<Self>,
        index: u32,
        value: Option<Value>,
        task_only: bool,
    ) -> Option<Value> {
        Arc::make_mut(frame).put(index, value, task_only)
    }

    /// A scope with the values of `under`, but for this one; and what `under` has in its place.
    #[inline]
    pub(crate) fn extend(
        under: Option<&Arc<Self>>,
        index: u32,
        value: Option<Value>,
        task_only: bool,
    ) -> (Arc<Self>, Option<Value>) {
        let mut frame = under.map_or_else(Self::empty, Arc::clone);
        // A copy: whoever runs in `under` has it, too.
        let previous = Arc::make_mut(&mut frame).put(index, value, task_only);
        (frame, previous)
    }

    /// From the first write on, a scope counts as current, also when that value is reset: so a vacant frame, which is
    /// shared by all that are vacant, is copied at a write, and a copy is open.
    #[expect(clippy::inline_always, reason = "called where a write is short anyway")]
    #[inline(always)]
    fn put(&mut self, index: u32, value: Option<Value>, task_only: bool) -> Option<Value> {
        debug_assert!(
            !self.is_vacant(),
            "a vacant frame is shared, so a write copies it"
        );
        self.has_task_only |= task_only;
        self.inherited.take();
        self.table.replace(index, value)
    }

    /// The snapshot that children of this scope inherit.
    #[inline]
    pub(crate) fn capture(frame: &Arc<Self>) -> Snapshot {
        if frame.has_task_only {
            frame.capture_inherited()
        } else {
            Self::snapshot(frame)
        }
    }

    /// The snapshot that is the frame itself.
    #[inline]
    pub(crate) fn snapshot(frame: &Arc<Self>) -> Snapshot {
        (!frame.table.is_empty()).then(|| frame.clone())
    }

    #[cold]
    fn capture_inherited(&self) -> Snapshot {
        self.inherited
            .get_or_init(|| {
                let mut inherited = Self {
                    tag: self.tag,
                    ..Self::new(State::Open)
                };
                self.table.visit(&mut |value| {
                    let variable = value.variable();
                    if !variable.is_task_only() {
                        inherited
                            .table
                            .replace(variable.index(), Some(value.clone()));
                    }
                });
                (!inherited.table.is_empty()).then(|| Arc::new(inherited))
            })
            .clone()
    }
}

/// Another scope with the same values.
impl Clone for Frame {
    #[inline]
    fn clone(&self) -> Self {
        Self {
            state: State::Open,
            has_task_only: self.has_task_only,
            tag: self.tag,
            table: self.table.clone(),
            inherited: OnceLock::new(),
        }
    }
}
