//! `ScopeId`: identifies the scope of a frame, even after the scope has ended.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

/// A number for each scope that was opened with its own value. A child that starts from a snapshot has the number of
/// its parent, since it starts from the same values.
///
/// After 2³² scopes the numbers repeat. The probability that a comparison then yields a false match is 1 in 2³².
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ScopeId(u32);

impl ScopeId {
    /// Returns a value that is not the number of any scope, for states without one.
    pub(crate) const fn reserved(n: u32) -> Self {
        Self((n + 1) * BLOCK)
    }
}

/// How many numbers a thread reserves at once, to avoid contention. Multiples of this are never used for a scope.
const BLOCK: u32 = 4096;

impl ScopeId {
    /// The value for scopes that have not been written to.
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

    /// Returns the number for a scope that is written to.
    #[inline]
    pub(crate) fn or_new(self) -> Self {
        if self == Self::NONE {
            Self::new()
        } else {
            self
        }
    }
}

/// Reserves a block. Its first number is not used, since it marks the end of the previous block.
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
    fn a_block_starts_after_the_number_that_requests_it() {
        let (first, second) = (new_block(), new_block());
        assert_eq!((first % BLOCK, second % BLOCK), (1, 1));
        assert_ne!(first, second);
    }
}
