//! `VarIndex`: the place of a variable in tables.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::util::append_list::AppendList;

/// The index of a variable that has never been set. No table has a value in its place.
const UNASSIGNED: u32 = u32::MAX;

/// The indices of the logged variables, in the order of first use. A log line visits only these, regardless of what
/// else is set.
pub(crate) static LOGGED: AppendList<u32> = AppendList::new();

/// A variable's index, assigned at its first write, in the order of first use.
///
/// Only the index itself is shared, so relaxed accesses are sufficient.
pub(crate) struct VarIndex(AtomicU32);

impl VarIndex {
    pub(crate) const fn unassigned() -> Self {
        Self(AtomicU32::new(UNASSIGNED))
    }

    /// Returns the index, or one whose place is empty in every table.
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

    /// If another thread assigns an index at the same time, one of the two remains unused.
    #[cold]
    fn assign(&self, is_logged: bool) -> u32 {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let new = NEXT.fetch_add(1, Ordering::Relaxed);
        if is_logged {
            // Registered first, so that no line lacks a variable that has a value.
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
