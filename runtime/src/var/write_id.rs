//! `WriteId`: identifies the `set` that a value comes from, so that its token recognizes the value without owning it.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A number for each `set`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct WriteId(u64);

/// How many numbers a thread reserves at once, to avoid contention. Multiples of this are never used.
const BLOCK: u64 = 4096;

impl WriteId {
    /// The value for writes other than `set`, such as those of `scope`.
    pub(crate) const NONE: Self = Self(0);

    #[inline]
    pub(crate) fn new() -> Self {
        thread_local! {
            static NEXT: Cell<u64> = const { Cell::new(0) };
        }

        let mut next = NEXT.get();
        if next % BLOCK == 0 {
            next = new_block();
        }
        NEXT.set(next + 1);
        Self(next)
    }
}

/// Reserves a block. Its first number is skipped, since it marks the end of the previous block.
#[cold]
fn new_block() -> u64 {
    // Some targets have no 64-bit atomics.
    static BLOCKS: AtomicUsize = AtomicUsize::new(0);
    BLOCKS.fetch_add(1, Ordering::Relaxed) as u64 * BLOCK + 1
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_writes_have_the_same_number() {
        let numbers = || (0..3 * BLOCK).map(|_| WriteId::new().0).collect::<Vec<_>>();
        let other = std::thread::spawn(numbers);
        let mut all = numbers();
        all.extend(other.join().unwrap());
        assert!(all.iter().all(|number| number % BLOCK != 0));
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
    }
}
