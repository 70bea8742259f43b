//! `VarIndex`: which place of a table belongs to a variable.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::util::append_list::AppendList;

/// The index of a variable that was never set anywhere. No table has a value in its place.
const UNASSIGNED: u32 = u32::MAX;

/// The indexes of the variables that are logged, in the order of their first use: a log line costs by them, whatever else
/// is set.
pub(crate) static LOGGED: AppendList<u32> = AppendList::new();

/// A variable's index, assigned at its first write, in the order of first use.
///
/// Nothing but the index itself is shared, so relaxed accesses are enough.
pub(crate) struct VarIndex(AtomicU32);

impl VarIndex {
    pub(crate) const fn unassigned() -> Self {
        Self(AtomicU32::new(UNASSIGNED))
    }

    /// The index, or one whose place is empty in every table.
    #[inline]
    pub(crate) fn to_look_up(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<u32> {
        let index = self.to_look_up();
        (index != UNASSIGNED).then_some(index)
    }

    #[inline]
    pub(crate) fn get_or_assign(&self, is_logged: bool) -> u32 {
        self.get().unwrap_or_else(|| self.assign(is_logged))
    }

    /// An index that loses the race to another thread's stays unused.
    #[cold]
    fn assign(&self, is_logged: bool) -> u32 {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let new = NEXT.fetch_add(1, Ordering::Relaxed);
        if is_logged {
            // First, so that no line is without a variable that has a value.
            LOGGED.push(new);
        }
        match self
            .0
            .compare_exchange(UNASSIGNED, new, Ordering::Relaxed, Ordering::Relaxed)
        {
            Ok(_) => new,
            Err(assigned) => assigned,
        }
    }
}
