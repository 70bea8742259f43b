//! Which scope a frame belongs to, to be compared after the scope may have ended.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// A number for each scope that was opened with a value of its own. A child that starts from a snapshot has the number of
/// its parent: it starts from the same values.
///
/// After 2³² scopes the numbers repeat. That the first one is still compared then has a chance of 1 in 2³².
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScopeId(u32);

impl ScopeId {
    /// A value that is not the number of any scope, for the states in which there is none.
    pub(crate) const fn reserved(n: u32) -> Self {
        Self((n + 1) * BLOCK)
    }
}

/// How many numbers a thread takes at once, so that threads do not contend for each. Their multiples are no scope's.
const BLOCK: u32 = 4096;

impl ScopeId {
    /// Of scopes that have not been written to.
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) fn new() -> Self {
        thread_local! {
            static NEXT: Cell<u32> = const { Cell::new(0) };
        }

        let mut next = NEXT.get();
        if next % BLOCK == 0 {
            next = new_block();
        }
        NEXT.set(next.wrapping_add(1));
        Self(next)
    }

    /// That of a scope which is written to.
    #[inline]
    pub(crate) fn or_new(self) -> Self {
        if self == Self::NONE {
            Self::new()
        } else {
            self
        }
    }
}

/// The first number of a block is not used: it is that of the end of the block before.
#[cold]
fn new_block() -> u32 {
    static BLOCKS: AtomicU32 = AtomicU32::new(0);
    let block = BLOCKS.fetch_add(1, Ordering::Relaxed);
    block.wrapping_mul(BLOCK) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_begins_behind_the_number_that_asks_for_it() {
        let (first, second) = (new_block(), new_block());
        assert_eq!((first % BLOCK, second % BLOCK), (1, 1));
        assert_ne!(first, second);
    }
}
