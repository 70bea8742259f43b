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
        let additions = std::mem::take(&mut this.table);
        current::inspect(|current| {
            let joined = current.filter(|current| !current.is_vacant());
            if let Some(under) = joined.or(base.frame()) {
                this.table = under.table.clone();
                this.private |= under.private;
                this.entered |= under.entered;
            }
        });
        additions.visit(&mut |value| {
            this.table
                .replace(value.variable().number(), Some(value.clone()));
        });
    }

    pub(crate) fn add(&mut self, number: u32, value: Value) {
        self.private |= value.variable().is_task_only();
        self.table.replace(number, Some(value));
    }

    /// Puts `value` in the place of variable `number` and gives back what was there; where snapshots share the
    /// frame, it is copied first, so that they keep what they saw.
    pub(crate) fn replace(
        frame: &mut Arc<Self>,
        number: u32,
        value: Option<Value>,
    ) -> Option<Value> {
        let private = value
            .as_ref()
            .is_some_and(|value| value.variable().is_task_only());
        if Arc::get_mut(frame).is_none() {
            *frame = Arc::new(frame.copy());
        }
        // The copy above has one owner.
        let this = Arc::get_mut(frame)?;
        this.private |= private;
        this.for_children.take();
        this.table.replace(number, value)
    }

    pub(crate) fn copy(&self) -> Self {
        Self {
            state: State::Open,
            private: self.private,
            entered: self.entered,
            table: self.table.clone(),
            for_children: OnceLock::new(),
        }
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
                    ..Self::additions()
                };
                self.table.visit(&mut |value| {
                    if !value.variable().is_task_only() {
                        inherited
                            .table
                            .replace(value.variable().number(), Some(value.clone()));
                    }
                });
                Context::from_frame(inherited)
            })
            .clone()
    }
}
