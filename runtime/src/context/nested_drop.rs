//! Bounds the stack when tables are dropped whose values hold contexts, whose values hold contexts, and so on. The same
//! applies to ambient state that holds contexts.
//!
//! Tables whose values are of types that cannot hold a context are not counted: numbers, text, bytes.

use std::cell::Cell;
use std::mem::ManuallyDrop;

/// The maximum number of tables that are dropped within each other; the drop of deeper ones is postponed. No program is
/// expected to nest this deep. Up to this depth, a value is dropped immediately with its last owner.
const MAX_DEPTH: u32 = 64;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// The values that are dropped with the table at [`MAX_DEPTH`]. It has no destructor, since it is needed while a
    /// thread ends; it is empty unless a drop is in progress.
    static POSTPONED: Cell<ManuallyDrop<Vec<Box<dyn Send + Sync>>>> =
        const { Cell::new(ManuallyDrop::new(Vec::new())) };
}

/// A table's part of the depth while it is being dropped. A field of each table, declared after the values.
#[derive(Default)]
pub(crate) struct Level {
    is_entered: bool,
}

impl Level {
    pub(crate) const fn new() -> Self {
        Self { is_entered: false }
    }

    /// Called in the destructor of a table, before the destructors of its values. The destructor of [`Level`] runs
    /// after them.
    #[inline]
    pub(crate) fn enter_is_too_deep(&mut self) -> bool {
        self.is_entered = true;
        let depth = DEPTH.get();
        DEPTH.set(depth + 1);
        depth >= MAX_DEPTH
    }
}

impl Drop for Level {
    #[inline]
    fn drop(&mut self) {
        if !self.is_entered {
            return;
        }
        let depth = DEPTH.get();
        if depth == MAX_DEPTH {
            drop_postponed();
        }
        DEPTH.set(depth - 1);
    }
}

/// Postpones the drop of `values` to the table at [`MAX_DEPTH`], which is being dropped.
#[cold]
pub(crate) fn postpone(values: impl Send + Sync + 'static) {
    let mut postponed = ManuallyDrop::into_inner(POSTPONED.take());
    postponed.push(Box::new(values));
    POSTPONED.set(ManuallyDrop::new(postponed));
}

/// Drops the postponed values one by one, still at [`MAX_DEPTH`]: tables within them are postponed in turn.
#[cold]
fn drop_postponed() {
    /// Continues if a destructor panics, and leaves the table's level, since the rest of its destructor is skipped.
    struct DropRest;

    impl Drop for DropRest {
        fn drop(&mut self) {
            drop_all();
            DEPTH.set(MAX_DEPTH - 1);
        }
    }

    fn drop_all() {
        while let Some(values) = pop() {
            drop(values);
        }
    }

    let rest = DropRest;
    drop_all();
    std::mem::forget(rest);
}

fn pop() -> Option<Box<dyn Send + Sync>> {
    let mut postponed = ManuallyDrop::into_inner(POSTPONED.take());
    let last = postponed.pop()?;
    POSTPONED.set(ManuallyDrop::new(postponed));
    Some(last)
}
