//! What a scope holds: the table of values, and the few facts that decide how it is entered and captured.

use std::sync::{Arc, LazyLock, OnceLock};

use crate::context::current;
use crate::context::overlay::{Assignment, VarIndices};
use crate::context::request_tag::RequestTag;
use crate::context::snapshot::Context;
use crate::context::table::{Table, Value};

/// A scope's own context. Shared by pointer with every snapshot taken of it; a write copies it only then.
pub(crate) struct Frame {
    state: State,
    /// Whether a `task_only` value is, or once was, among the values: then a capture has something to leave out.
    private: bool,
    /// The request that an entry (a layer, `#[context_entry]`) opened this scope for, or one around it: a further entry
    /// on the way to the handler joins, instead of making a second id.
    mark: Option<RequestTag>,
    pub(crate) table: Table,
    /// What children get where that differs from the whole, made at the first capture.
    for_children: OnceLock<Context>,
}

enum State {
    /// Counts as current for everything that runs in it.
    Open,
    /// Opened by an annotated function that had captured nothing: as long as it has no value, it gives way to whatever
    /// a future that is polled in it has captured.
    Vacant,
    /// Not entered yet, and made by adding variables to `base`, the context of that moment. Where another one is
    /// current at the first entry, the same variables are added to that instead.
    Pending { base: Context, added: VarIndices },
}

/// What a scope held until its first entry. Its drop may run destructors of a user.
pub(crate) type OldBase = (Context, Option<Arc<Frame>>);

/// Why nothing could be written.
pub(crate) struct OutsideEveryScope;

static EMPTY: LazyLock<Arc<Frame>> = LazyLock::new(|| Arc::new(Frame::new(State::Open)));
static VACANT: LazyLock<Arc<Frame>> = LazyLock::new(|| Arc::new(Frame::new(State::Vacant)));

impl Frame {
    const fn new(state: State) -> Self {
        Self {
            state,
            private: false,
            mark: None,
            table: Table::new(),
            for_children: OnceLock::new(),
        }
    }

    /// A scope without values that hides what is around it.
    pub(crate) fn empty() -> Arc<Self> {
        EMPTY.clone()
    }

    /// A scope without values that hides nothing a future brings.
    pub(crate) fn vacant() -> Arc<Self> {
        VACANT.clone()
    }

    #[inline]
    pub(crate) fn is_vacant(&self) -> bool {
        matches!(self.state, State::Vacant) && self.table.is_empty()
    }

    #[inline]
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.state, State::Pending { .. })
    }

    /// A scope that lays this value over those of the scope in which it is entered first: presumably the current one.
    pub(crate) fn pending(addition: Option<Assignment>) -> Arc<Self> {
        let base = Context::current();
        let mut frame = base.frame().map_or_else(Self::empty, Arc::clone);
        // A copy: the base has it, too.
        let this = Arc::make_mut(&mut frame);
        let mut added = VarIndices::default();
        if let Some(addition) = addition {
            added.push(addition.number);
            // What it covers is still held by the base.
            let _covered = this.put(addition.number, Some(addition.value), addition.task_only);
        }
        this.state = State::Pending { base, added };
        frame
    }

    /// Lays one value more over what a pending scope is entered in.
    pub(crate) fn lay_over(&mut self, addition: Assignment) {
        if let State::Pending { added, .. } = &mut self.state {
            added.push(addition.number);
        }
        self.add(addition.number, addition.value);
    }

    /// The scope of a request, a message or a job.
    #[cfg(feature = "request-id")]
    pub(crate) fn entry(mark: RequestTag) -> Self {
        Self {
            mark: Some(mark),
            ..Self::new(State::Open)
        }
    }

    #[cfg(feature = "request-id")]
    pub(crate) fn mark(&self) -> Option<RequestTag> {
        self.mark
    }

    #[cfg(feature = "request-id")]
    pub(crate) fn remark(&mut self, mark: RequestTag) {
        self.mark = Some(mark);
        self.for_children.take();
    }

    /// The first entry of a pending scope: lays its values over another one, where that is what is current.
    #[inline]
    pub(crate) fn rebase_on_current(frame: &mut Arc<Self>) -> Option<OldBase> {
        // A pending frame has one owner, the future that will enter it.
        let this = Arc::get_mut(frame)?;
        let State::Pending { base, added } = std::mem::replace(&mut this.state, State::Open) else {
            return None;
        };
        let other = current::inspect(|current| {
            let current = current.filter(|current| !current.is_vacant())?;
            let is_base = base.frame().is_some_and(|base| Arc::ptr_eq(base, current));
            (!is_base).then(|| current.clone())
        });
        let stale = other.map(|other| Self::rebase(frame, &other, added));
        Some((base, stale))
    }

    #[inline(never)]
    fn rebase(frame: &mut Arc<Self>, other: &Self, added: VarIndices) -> Arc<Self> {
        let mut settled = other.clone();
        for number in added {
            if let Some(value) = frame.table.get(number) {
                settled.add(number, value.clone());
            }
        }
        std::mem::replace(frame, Arc::new(settled))
    }

    pub(crate) fn add(&mut self, number: u32, value: Value) {
        self.private |= value.variable().is_task_only();
        self.table.replace(number, Some(value));
    }

    /// Puts `value` in the place of variable `number` and gives back what was there; where snapshots share the
    /// frame, it is copied first, so that they keep what they saw.
    #[inline]
    pub(crate) fn replace(
        frame: &mut Arc<Self>,
        number: u32,
        value: Option<Value>,
        task_only: bool,
    ) -> Option<Value> {
        match Arc::get_mut(frame) {
            Some(frame) => frame.put(number, value, task_only),
            None => Self::replace_in_copy(frame, number, value, task_only),
        }
    }

    #[inline(never)]
    fn replace_in_copy(
        frame: &mut Arc<Self>,
        number: u32,
        value: Option<Value>,
        task_only: bool,
    ) -> Option<Value> {
        let was_vacant = matches!(frame.state, State::Vacant);
        let copy = Arc::make_mut(frame);
        if was_vacant {
            copy.state = State::Vacant;
        }
        copy.put(number, value, task_only)
    }

    /// A scope with the values of `under`, but for this one; and what `under` has in its place.
    #[inline]
    pub(crate) fn extend(
        under: Option<&Arc<Self>>,
        number: u32,
        value: Option<Value>,
        task_only: bool,
    ) -> (Arc<Self>, Option<Value>) {
        let mut frame = under.map_or_else(Self::empty, Arc::clone);
        // A copy: whoever runs in `under` has it, too.
        let previous = Arc::make_mut(&mut frame).put(number, value, task_only);
        (frame, previous)
    }

    #[expect(clippy::inline_always, reason = "called where a write is short anyway")]
    #[inline(always)]
    fn put(&mut self, number: u32, value: Option<Value>, task_only: bool) -> Option<Value> {
        self.private |= task_only;
        self.for_children.take();
        self.table.replace(number, value)
    }

    /// [`replace`](Self::replace) in the scope that runs.
    #[inline]
    pub(crate) fn replace_in_current(
        number: u32,
        value: &Value,
        task_only: bool,
    ) -> Result<Option<Value>, OutsideEveryScope> {
        current::update(|scope| {
            let frame = scope.ok_or(OutsideEveryScope)?;
            Ok(Self::replace(frame, number, Some(value.clone()), task_only))
        })
    }

    /// The snapshot that children of this scope get.
    #[inline]
    pub(crate) fn capture(frame: &Arc<Self>) -> Context {
        if frame.private {
            frame.capture_inherited()
        } else if frame.table.is_empty() {
            Context::empty()
        } else {
            Context::of(frame.clone())
        }
    }

    #[cold]
    fn capture_inherited(&self) -> Context {
        self.for_children
            .get_or_init(|| {
                let mut inherited = Self {
                    mark: self.mark,
                    ..Self::new(State::Open)
                };
                self.table.visit(&mut |value| {
                    let variable = value.variable();
                    if !variable.is_task_only() {
                        inherited
                            .table
                            .replace(variable.number(), Some(value.clone()));
                    }
                });
                Context::of(Arc::new(inherited))
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
            private: self.private,
            mark: self.mark,
            table: self.table.clone(),
            for_children: OnceLock::new(),
        }
    }
}
