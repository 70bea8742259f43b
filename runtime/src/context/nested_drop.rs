//! Drops of tables whose values hold contexts, whose values hold contexts, and so on: with a bound on the stack. The same for
//! ambient state that holds contexts.
//!
//! Tables whose values are of types that cannot hold one do not count: numbers, text, bytes.

use std::cell::Cell;
use std::mem::ManuallyDrop;

/// How many tables are dropped inside one another before the inner ones have to wait. Far more than any program nests
/// on purpose: up to here, a value is dropped at the very moment at which its last owner is.
const MAX_DEPTH: u32 = 64;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// What is dropped when the table at [`MAX_DEPTH`] is. Without a destructor, as it is needed while a thread ends; it
    /// is empty whenever no drop is under way.
    static POSTPONED: Cell<ManuallyDrop<Vec<Box<dyn Send + Sync>>>> =
        const { Cell::new(ManuallyDrop::new(Vec::new())) };
}

/// One table's part of the depth, once it is being dropped. A field of each table, after the values.
#[derive(Default)]
pub(crate) struct Level {
    is_entered: bool,
}

impl Level {
    pub(crate) const fn new() -> Self {
        Self { is_entered: false }
    }

    /// Called in the destructor of a table, before that of its values; [`Level`]'s own destructor is called after it.
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

/// Leaves `values` to the table at [`MAX_DEPTH`], which is being dropped.
#[cold]
pub(crate) fn postpone(values: impl Send + Sync + 'static) {
    let mut postponed = ManuallyDrop::into_inner(POSTPONED.take());
    postponed.push(Box::new(values));
    POSTPONED.set(ManuallyDrop::new(postponed));
}

/// One after the other, still at [`MAX_DEPTH`]: what is beneath them is postponed in turn.
#[cold]
fn drop_postponed() {
    /// Goes on where a destructor panics, and leaves the level of the table, as its destructor does not come to that.
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
