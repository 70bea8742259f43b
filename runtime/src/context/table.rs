//! The values of a context: a persistent table, shared by pointer and copied along one path at a write.
//!
//! A variable's place follows from its own index alone, so a read costs the same whatever else is set. The first few
//! variables of a program have their place in the table itself: most contexts are one allocation.
//!
//! | index, in the order of first use | read: nodes | write, not shared | write, shared with a snapshot: nodes copied |
//! | --- | --- | --- | --- |
//! | the first 6 | 0 | in place | the table |
//! | the next 256 | 2 | in place | the table and 2 |
//! | the next 4,096 | 3 | in place | the table and 3 |
//! | all others | 8 | in place | the table and 8 |
//!
//! A node has 16 places. To copy the table or a node raises the count of each value or node in it. The number of variables
//! that are set matters to nothing but [`visit`](Table::visit), which is linear in it.

use std::array;
use std::sync::Arc;

use crate::context::nested_drop;

use crate::var::binding::Value;

/// How many variables stand in the table itself. Few programs declare more; each one makes every scope dearer.
const INLINE: u32 = 6;
/// How many places a node of the tree has: 2 to the power of [`BITS`].
const WIDTH: usize = 16;
const BITS: u32 = WIDTH.ilog2();

/// The trees that hold every variable after the first [`INLINE`], each in its turn.
type Small = Branch<Leaf>;
type Medium = Branch<Small>;
type Large = Branch<Branch<Branch<Branch<Branch<Medium>>>>>;

#[derive(Clone, Default)]
pub(crate) struct Table {
    values: Values,
    len: u32,
    // Behind `values`, so that it is dropped after them.
    _level: nested_drop::Level,
}

#[derive(Clone, Default)]
pub(crate) struct Values {
    inline: [Option<Value>; INLINE as usize],
    small: Option<Arc<Small>>,
    medium: Option<Arc<Medium>>,
    large: Option<Arc<Large>>,
}

impl Table {
    pub(crate) const fn new() -> Self {
        Self {
            values: Values {
                inline: [const { None }; INLINE as usize],
                small: None,
                medium: None,
                large: None,
            },
            len: 0,
            _level: nested_drop::Level,
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    #[inline]
    pub(crate) fn get(&self, index: u32) -> Option<&Value> {
        if let Some(place) = self.values.inline.get(index as usize) {
            return place.as_ref();
        }
        let index = index - INLINE;
        if index < Small::CAPACITY {
            self.values.small.as_ref()?.get(index)
        } else {
            self.get_far(index)
        }
    }

    /// Whether it holds every value of `other`: the very values, not equal ones.
    pub(crate) fn holds_all_of(&self, other: &Self) -> bool {
        let mut holds = true;
        other.visit(&mut |value| {
            let here = self.get(value.variable().index());
            holds &= here.is_some_and(|here| Arc::ptr_eq(here, value));
        });
        holds
    }

    #[cold]
    fn get_far(&self, index: u32) -> Option<&Value> {
        let index = index - Small::CAPACITY;
        if index < Medium::CAPACITY {
            self.values.medium.as_ref()?.get(index)
        } else {
            self.values.large.as_ref()?.get(index)
        }
    }

    /// Puts `value` at `index` and gives back what was there. Nodes that another table shares are copied first.
    ///
    /// No code of a user runs in here: values are moved or their counts raised, never dropped.
    #[expect(
        clippy::inline_always,
        reason = "short, but for the tree, which stands apart"
    )]
    #[inline(always)]
    pub(crate) fn replace(&mut self, index: u32, value: Option<Value>) -> Option<Value> {
        let place = match self.values.inline.get_mut(index as usize) {
            Some(place) => place,
            None => self.place_in_tree(index - INLINE),
        };
        let added = u32::from(value.is_some());
        let old = std::mem::replace(place, value);
        self.len = self.len + added - u32::from(old.is_some());
        old
    }

    #[inline(never)]
    fn place_in_tree(&mut self, index: u32) -> &mut Option<Value> {
        let Values {
            small,
            medium,
            large,
            ..
        } = &mut self.values;
        if index < Small::CAPACITY {
            return Arc::make_mut(small.get_or_insert_default()).place(index);
        }
        let index = index - Small::CAPACITY;
        if index < Medium::CAPACITY {
            return Arc::make_mut(medium.get_or_insert_default()).place(index);
        }
        Arc::make_mut(large.get_or_insert_default()).place(index)
    }

    /// Every value, in the order in which the program first used the variables.
    pub(crate) fn visit(&self, f: &mut dyn FnMut(&Value)) {
        self.values.inline.iter().flatten().for_each(&mut *f);
        if let Some(small) = &self.values.small {
            small.visit(f);
        }
        if let Some(medium) = &self.values.medium {
            medium.visit(f);
        }
        if let Some(large) = &self.values.large {
            large.visit(f);
        }
    }
}

/// A value may hold a context, whose values hold contexts, and so on.
impl Drop for Table {
    #[inline]
    fn drop(&mut self) {
        if nested_drop::Level::enter_is_too_deep() {
            nested_drop::postpone(std::mem::take(&mut self.values));
        }
    }
}

/// One level of the tree. The depth of each part is a fact of its type, so that the compiler sees straight through it.
trait Level: Clone + Default {
    /// How many bits of a index this level and those below it use up.
    const USED: u32;
    fn get(&self, index: u32) -> Option<&Value>;
    fn place(&mut self, index: u32) -> &mut Option<Value>;
    fn visit(&self, f: &mut dyn FnMut(&Value));
}

#[derive(Clone)]
struct Leaf([Option<Value>; WIDTH]);

#[derive(Clone)]
struct Branch<L>([Option<Arc<L>>; WIDTH]);

impl<L: Level> Branch<L> {
    /// Not of the largest, whose capacity is that of an index.
    const CAPACITY: u32 = 1 << Self::USED;
}

impl Default for Leaf {
    fn default() -> Self {
        Self([const { None }; WIDTH])
    }
}

impl<L> Default for Branch<L> {
    fn default() -> Self {
        Self(array::from_fn(|_| None))
    }
}

/// Which place of a node that stands above `below` bits a index goes to.
#[inline]
fn child_index(index: u32, below: u32) -> usize {
    (index >> below) as usize % WIDTH
}

impl Level for Leaf {
    const USED: u32 = BITS;

    #[inline]
    fn get(&self, index: u32) -> Option<&Value> {
        self.0[child_index(index, 0)].as_ref()
    }

    fn place(&mut self, index: u32) -> &mut Option<Value> {
        &mut self.0[child_index(index, 0)]
    }

    fn visit(&self, f: &mut dyn FnMut(&Value)) {
        self.0.iter().flatten().for_each(f);
    }
}

impl<L: Level> Level for Branch<L> {
    const USED: u32 = L::USED + BITS;

    #[inline]
    fn get(&self, index: u32) -> Option<&Value> {
        self.0[child_index(index, L::USED)].as_ref()?.get(index)
    }

    fn place(&mut self, index: u32) -> &mut Option<Value> {
        Arc::make_mut(self.0[child_index(index, L::USED)].get_or_insert_default()).place(index)
    }

    fn visit(&self, f: &mut dyn FnMut(&Value)) {
        self.0.iter().flatten().for_each(|level| level.visit(f));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContextVar;

    static ANY: ContextVar<u32> = ContextVar::new("any");

    fn value(n: u32) -> Value {
        ANY.bind(n)
    }

    fn read(table: &Table, index: u32) -> Option<u32> {
        let value: &dyn std::any::Any = &**table.get(index)?;
        value
            .downcast_ref::<crate::var::binding::Binding<u32>>()
            .map(|binding| binding.value)
    }

    #[test]
    fn every_index_has_a_place_of_its_own() {
        let indexs: Vec<u32> = (0..600)
            .chain([
                4_095,
                4_096,
                INLINE + Small::CAPACITY + Medium::CAPACITY - 1,
                INLINE + Small::CAPACITY + Medium::CAPACITY,
                65_535,
                1 << 20,
                u32::MAX - INLINE,
                u32::MAX - 1,
                u32::MAX,
            ])
            .collect();
        let mut table = Table::new();
        for &n in &indexs {
            assert!(
                table.replace(n, Some(value(n))).is_none(),
                "{n} shares a place"
            );
        }
        for &n in &indexs {
            assert_eq!(read(&table, n), Some(n));
        }
        let mut seen = Vec::new();
        table.visit(&mut |value| {
            let value: &dyn std::any::Any = &**value;
            seen.extend(
                value
                    .downcast_ref::<crate::var::binding::Binding<u32>>()
                    .map(|binding| binding.value),
            );
        });
        assert_eq!(seen, indexs);
    }

    #[test]
    fn a_write_does_not_reach_a_copy() {
        for n in [0, INLINE, INLINE + 300, INLINE + 5_000] {
            let mut table = Table::new();
            table.replace(n, Some(value(1)));
            let copy = table.clone();
            table.replace(n, Some(value(2)));
            assert_eq!((read(&table, n), read(&copy, n)), (Some(2), Some(1)));
            table.replace(n, None);
            assert!(table.is_empty() && !copy.is_empty());
        }
    }
}
