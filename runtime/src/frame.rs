//! What a scope holds: the table of values, and the few facts that decide how it is entered and captured.

use std::sync::{Arc, LazyLock, OnceLock};

use crate::context::Context;
use crate::current;
use crate::table::{Table, Value};

/// A scope's own context. Shared by pointer with every snapshot taken of it; a write copies it only then.
pub(crate) struct Frame {
    state: State,
    /// Whether a `task_only` value is, or once was, among the values: then a capture has something to leave out.
    private: bool,
    /// Whether an entry (a layer, `#[context_entry]`) opened this scope or one around it, so that a further entry on
    /// the way to the handler joins instead of making a second id.
    entered: bool,
    pub(crate) table: Table,
    /// What children get where that differs from the whole, made at the first capture.
    for_children: OnceLock<Context>,
}

enum State {
    /// Counts as current for everything that runs in it.
    Open,
    /// Opened by an annotated function that had captured nothing, and still without a value: it gives way to
    /// whatever a future that is polled in it has captured.
    Vacant,
    /// Not entered yet: the table holds additions, to be laid over the context that is current at the first
    /// entry, or, where none is, over this one of the moment of construction.
    Pending(Context),
}

/// Why nothing could be written.
pub(crate) struct OutsideEveryScope;

static EMPTY: LazyLock<Arc<Frame>> = LazyLock::new(|| Arc::new(Frame::new(State::Open)));
static VACANT: LazyLock<Arc<Frame>> = LazyLock::new(|| Arc::new(Frame::new(State::Vacant)));

impl Frame {
    const fn new(state: State) -> Self {
        Self {
            state,
            private: false,
            entered: false,
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
        matches!(self.state, State::Vacant)
    }

    #[inline]
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.state, State::Pending(_))
    }

    pub(crate) fn additions() -> Self {
        Self::new(State::Open)
    }

    /// The scope of a request, a message or a job.
    #[cfg(feature = "request-id")]
    pub(crate) fn entry() -> Self {
        Self {
            entered: true,
            ..Self::new(State::Open)
        }
    }

    #[cfg(feature = "request-id")]
    pub(crate) fn is_entered(&self) -> bool {
        self.entered
    }

    /// Makes this frame one that adds its values at its first entry.
    pub(crate) fn over(mut self, base: Context) -> Arc<Self> {
        self.state = State::Pending(base);
        Arc::new(self)
    }

    /// The first entry of a scope that adds to another: looks for that other, and lays the additions over it.
    #[cold]
    pub(crate) fn settle(frame: &mut Arc<Self>) {
        // A pending frame has one owner, the future that will enter it.
        let Some(this) = Arc::get_mut(frame) else {
            return;
        };
        let State::Pending(base) = std::mem::replace(&mut this.state, State::Open) else {
            return;
        };
        current::inspect(|current| {
            let joined = current.filter(|current| !current.is_vacant());
            if let Some(under) = joined.or(base.frame()) {
                this.table.fill_from(&under.table);
                this.private |= under.private;
                this.entered |= under.entered;
            }
        });
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
        let (copy, previous) = Self::extend(Some(frame), number, value, task_only);
        *frame = copy;
        previous
    }

    /// A scope with this value that adds it at its first entry.
    #[inline]
    pub(crate) fn pending(number: u32, value: Value, task_only: bool, base: Context) -> Arc<Self> {
        let mut table = Table::new();
        table.replace(number, Some(value));
        Arc::new(Self {
            state: State::Pending(base),
            private: task_only,
            entered: false,
            table,
            for_children: OnceLock::new(),
        })
    }

    /// A scope with the values of `under`, but for this one; and what `under` has in its place.
    #[inline]
    pub(crate) fn extend(
        under: Option<&Arc<Self>>,
        number: u32,
        value: Option<Value>,
        task_only: bool,
    ) -> (Arc<Self>, Option<Value>) {
        let (mut table, private, entered) = match under {
            Some(under) => (under.table.clone(), under.private, under.entered),
            None => (Table::new(), false, false),
        };
        let previous = table.replace(number, value);
        let frame = Arc::new(Self {
            state: State::Open,
            private: private | task_only,
            entered,
            table,
            for_children: OnceLock::new(),
        });
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
                    entered: self.entered,
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
            entered: self.entered,
            table: self.table.clone(),
            for_children: OnceLock::new(),
        }
    }
}
