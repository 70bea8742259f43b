//! `VarIndex`: which place of a table belongs to a variable.

use std::sync::atomic::{AtomicU32, Ordering};

/// What stands for the number of a variable that was never set anywhere. No table has a value in its place.
const NONE: u32 = u32::MAX;

/// A variable's number, given at its first write, in the order of first use.
///
/// Nothing but the number itself is shared, so relaxed accesses will do.
pub(crate) struct VarIndex(AtomicU32);

impl VarIndex {
    pub(crate) const fn none() -> Self {
        Self(AtomicU32::new(NONE))
    }

    /// The number, or one whose place is empty in every table.
    #[inline]
    pub(crate) fn to_look_up(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn if_any(&self) -> Option<u32> {
        let number = self.to_look_up();
        (number != NONE).then_some(number)
    }

    #[inline]
    pub(crate) fn or_new(&self) -> u32 {
        self.if_any().unwrap_or_else(|| self.assign())
    }

    /// A number that loses the race to another thread's stays unused.
    #[cold]
    fn assign(&self) -> u32 {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let new = NEXT.fetch_add(1, Ordering::Relaxed);
        match self
            .0
            .compare_exchange(NONE, new, Ordering::Relaxed, Ordering::Relaxed)
        {
            Ok(_) => new,
            Err(given) => given,
        }
    }
}
