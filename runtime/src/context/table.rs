//! The values of a context: a persistent table that shares nodes by pointer, and copies a single path at a write.
//!
//! The place of a variable depends only on its own index, so the cost of a read does not depend on what else is set.
//! The first few variables of a program are stored in the table itself, so that most contexts are a single allocation.
//!
//! | index, in the order of first use | read: nodes | write, nothing shared | write, shared with a snapshot: copies |
//! | --- | --- | --- | --- |
//! | the first 6 | 0 | in place | the table |
//! | the next 256 | 2 | in place | the table; from the third variable on 2 nodes |
//! | the next 4,096 | 3 | in place | the table; from the third variable on 3 nodes |
//! | all others | 9 | in place | the table; from the third variable on 9 nodes |
//!
//! A node has 16 places. Copying the table or a node increments the reference count of each value or node in it. A
//! write to a shared node therefore does not copy it, but is stored in one of two places before the tree, where it
//! covers the value in the tree. Nested scopes usually write one or two variables each. If both places are taken, the
//! older write moves to the tree, which is when nodes are copied. A covered value stays alive as long as it is covered:
//! together with the snapshot that shares it, and at most until the scope ends.
//!
//! The number of variables that are set only affects [`visit`](Table::visit), which is linear in it.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::context::nested_drop;
use crate::context::tree::Tree;
use crate::var::binding::Value;
use crate::var::traits::Traits;

/// The number of variables that are stored in the table itself. Few programs declare more, and each one makes every
/// scope more expensive.
const INLINE: u32 = 6;
#[derive(Default)]
pub(crate) struct Table {
    values: Values,
    len: u32,
    /// The traits of all values that are, or once were, in the table.
    traits: Traits,
    /// Whether the table has, or once had, a value outside of the inline places.
    has_tree: bool,
    // Declared after `values`, so that it is dropped after them.
    level: nested_drop::Level,
}

#[derive(Default)]
pub(crate) struct Values {
    /// The values of the first few variables, followed by the latest writes to nodes of the tree that another table
    /// shares, the older one first. Those cover the values in the tree, even if they are `None`, which means that the
    /// value was removed.
    places: [Option<Value>; PLACES],
    /// The variables of the latest writes.
    recent: [u32; RECENT],
    tree: Tree,
}

/// How many writes to shared nodes a table stores before the older one moves to the tree.
const RECENT: usize = 2;
const PLACES: usize = INLINE as usize + RECENT;
/// A free entry of [`Values::recent`]: the index of an inline place.
const FREE: u32 = 0;

/// A value that a write has covered. The caller drops it where user code may run, since its destructor is user code.
pub(crate) type Covered = Option<Value>;

impl Table {
    pub(crate) const fn new() -> Self {
        Self {
            values: Values {
                places: [const { None }; PLACES],
                recent: [FREE; RECENT],
                tree: Tree::new(),
            },
            len: 0,
            traits: Traits {
                task_only: false,
                may_nest: false,
            },
            has_tree: false,
            level: nested_drop::Level::new(),
        }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the table has, or once had, a `task_only` value, which a capture has to omit.
    #[inline]
    pub(crate) fn has_task_only(&self) -> bool {
        self.traits.task_only
    }

    #[inline]
    pub(crate) fn get(&self, index: u32) -> Option<&Value> {
        if index < INLINE {
            return self.values.places[index as usize].as_ref();
        }
        self.values.get_in_tree(index)
    }

    /// Whether the table holds every value of `other`: the identical values, not equal ones.
    pub(crate) fn holds_all_of(&self, other: &Self) -> bool {
        let mut holds = true;
        other.visit(&mut |value| {
            let here = self.get(value.variable().index());
            holds &= here.is_some_and(|here| Arc::ptr_eq(here, value));
        });
        holds
    }

    /// Takes over the values of `other` into an empty table, except for the one at `except`, which is about to be
    /// written.
    #[inline]
    pub(crate) fn inherit(&mut self, other: &Self, except: Option<u32>) {
        self.traits = other.traits;
        self.len = other.len;
        for index in 0..INLINE {
            let Some(value) = &other.values.places[index as usize] else {
                continue;
            };
            if Some(index) == except {
                self.len -= 1;
            } else {
                let place = &mut self.values.places[index as usize];
                let _nothing = ManuallyDrop::new(place.replace(value.clone()));
            }
        }
        if other.has_tree {
            self.inherit_tree(other);
        }
    }

    /// A separate function, since few programs have that many variables.
    #[inline(never)]
    fn inherit_tree(&mut self, other: &Self) {
        self.has_tree = true;
        self.values.recent = other.values.recent;
        for place in INLINE as usize..PLACES {
            if let Some(value) = &other.values.places[place] {
                let place = &mut self.values.places[place];
                let _nothing = ManuallyDrop::new(place.replace(value.clone()));
            }
        }
        let tree = other.values.tree.clone();
        let _nothing = ManuallyDrop::new(std::mem::replace(&mut self.values.tree, tree));
    }

    /// Sets the value at `index` and returns the previous one. Nodes that another table shares are not changed but
    /// covered or copied; a covered value that such a copy replaces is put into `covered`.
    ///
    /// This runs no user code: values are moved or their reference counts incremented, but never dropped.
    #[expect(
        clippy::inline_always,
        reason = "short: the tree is in a function of its own"
    )]
    #[inline(always)]
    pub(crate) fn replace(
        &mut self,
        index: u32,
        value: Option<Value>,
        traits: Traits,
        covered: &mut Covered,
    ) -> Option<Value> {
        self.traits.add(traits);
        let added = u32::from(value.is_some());
        let previous = if index < INLINE {
            std::mem::replace(&mut self.values.places[index as usize], value)
        } else {
            self.has_tree = true;
            self.values.replace_in_tree(index, value, covered)
        };
        self.len = self.len + added - u32::from(previous.is_some());
        previous
    }

    /// Drops all values and returns `true`, unless one of their destructors may be user code, or one of them is
    /// `task_only`.
    #[inline]
    pub(crate) fn clear(&mut self) -> bool {
        if self.traits.may_nest || self.traits.task_only {
            return false;
        }
        for place in &mut self.values.places[..INLINE as usize] {
            *place = None;
        }
        if self.has_tree {
            self.clear_tree();
        }
        self.len = 0;
        true
    }

    #[inline(never)]
    fn clear_tree(&mut self) {
        self.has_tree = false;
        self.values.recent = [FREE; RECENT];
        for place in &mut self.values.places[INLINE as usize..] {
            *place = None;
        }
        self.values.tree = Tree::new();
    }

    /// Visits every value, in the order in which the program first used the variables.
    pub(crate) fn visit(&self, f: &mut dyn FnMut(&Value)) {
        let inline = &self.values.places[..INLINE as usize];
        inline.iter().flatten().for_each(&mut *f);
        let mut recent = self
            .values
            .recent_in_order()
            .into_iter()
            .flatten()
            .peekable();
        self.values.tree.visit(&mut |index, value| {
            let index = index + INLINE;
            while let Some((_, before)) = recent.next_if(|&(recent, _)| recent < index) {
                before.into_iter().for_each(&mut *f);
            }
            let covers = recent.next_if(|&(recent, _)| recent == index);
            covers.map_or(Some(value), |(_, value)| value).map(&mut *f);
        });
        recent.filter_map(|(_, value)| value).for_each(f);
    }
}

impl Values {
    #[inline]
    fn get_in_tree(&self, index: u32) -> Option<&Value> {
        match self.recent_place(index) {
            Some(place) => self.places[place].as_ref(),
            None => self.tree.get(index - INLINE),
        }
    }

    /// Returns the place of a write that covers the tree at `index`.
    #[inline]
    fn recent_place(&self, index: u32) -> Option<usize> {
        let [older, newer] = self.recent;
        if newer == index {
            Some(PLACES - 1)
        } else if older == index {
            Some(PLACES - 2)
        } else {
            None
        }
    }

    #[inline(never)]
    fn replace_in_tree(
        &mut self,
        index: u32,
        value: Option<Value>,
        covered: &mut Covered,
    ) -> Option<Value> {
        if let Some(place) = self.recent_place(index) {
            return std::mem::replace(&mut self.places[place], value);
        }
        if let Some(place) = self.tree.unshared(index - INLINE) {
            return std::mem::replace(place, value);
        }
        let previous = self.tree.get(index - INLINE).cloned();
        if previous.is_some() || value.is_some() {
            *covered = self.push_recent(index, value);
        }
        previous
    }

    /// Covers the tree's value at `index`. If there is no free place, the older of the recent writes moves to the tree,
    /// and the value that it had covered is returned.
    fn push_recent(&mut self, index: u32, value: Option<Value>) -> Covered {
        let older = self.places[PLACES - 2].take();
        let covered = match self.recent[0] {
            FREE => None,
            older_index => std::mem::replace(self.tree.place(older_index - INLINE), older),
        };
        self.places[PLACES - 2] = self.places[PLACES - 1].take();
        self.places[PLACES - 1] = value;
        self.recent = [self.recent[1], index];
        covered
    }

    /// Returns the recent writes, the one with the smaller index first.
    fn recent_in_order(&self) -> [Option<(u32, Option<&Value>)>; RECENT] {
        let recent = |n: usize| {
            let index = self.recent[n];
            (index != FREE).then(|| (index, self.places[INLINE as usize + n].as_ref()))
        };
        let mut in_order = [recent(0), recent(1)];
        in_order.sort_by_key(|recent| recent.map(|(index, _)| index));
        in_order
    }
}

/// A value may hold a context, whose values hold contexts, and so on.
impl Drop for Table {
    #[inline]
    fn drop(&mut self) {
        if self.traits.may_nest && self.level.enter_is_too_deep() {
            nested_drop::postpone(std::mem::take(&mut self.values));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::ContextVar;

    static ANY: ContextVar<u32> = ContextVar::new("any");

    fn value(n: u32) -> Value {
        ANY.bind(n)
    }

    fn write(table: &mut Table, index: u32, value: Option<Value>) -> Option<Value> {
        table.replace(index, value, Traits::default(), &mut None)
    }

    fn copy(table: &Table) -> Table {
        let mut copy = Table::new();
        copy.inherit(table, None);
        copy
    }

    fn number(value: &Value) -> Option<u32> {
        ContextVar::<u32>::typed(value).copied()
    }

    fn read(table: &Table, index: u32) -> Option<u32> {
        number(table.get(index)?)
    }

    fn visited(table: &Table) -> Vec<u32> {
        let mut visited = Vec::new();
        table.visit(&mut |value| visited.extend(number(value)));
        visited
    }

    #[test]
    fn every_index_has_a_place_of_its_own() {
        let indices: Vec<u32> = (0..600)
            .chain([
                4_095,
                4_096,
                INLINE + 256 + 4_096 - 1,
                INLINE + 256 + 4_096,
                65_535,
                1 << 20,
                u32::MAX - INLINE,
                u32::MAX - 1,
                u32::MAX,
            ])
            .collect();
        let mut table = Table::new();
        for &n in &indices {
            assert!(
                write(&mut table, n, Some(value(n))).is_none(),
                "{n} shares a place"
            );
        }
        for &n in &indices {
            assert_eq!(read(&table, n), Some(n));
        }
        assert_eq!(visited(&table), indices);
    }

    /// Random writes, removals and copies, mainly outside of the inline places, where writes to nodes that another
    /// table shares are stored before the tree.
    #[test]
    fn tables_hold_what_maps_hold() {
        const INDICES: [u32; 12] = [0, 5, 6, 7, 8, 30, 100, 261, 262, 300, 4_400, 70_000];
        let mut random = 1_u32;
        let mut next = |below: usize| {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (random >> 8) as usize % below
        };
        let mut pairs = vec![(Table::new(), BTreeMap::new())];
        for n in 0..20_000 {
            let at = next(pairs.len());
            let index = INDICES[next(INDICES.len())];
            match next(8) {
                0 => pairs.push((copy(&pairs[at].0), pairs[at].1.clone())),
                1 => {
                    let (other, map) = &pairs[at];
                    let mut map = map.clone();
                    let mut table = Table::new();
                    table.inherit(other, Some(index));
                    write(&mut table, index, Some(value(n)));
                    map.insert(index, n);
                    pairs.push((table, map));
                }
                2 => {
                    let (table, map) = &mut pairs[at];
                    assert_eq!(
                        write(table, index, None).is_some(),
                        map.remove(&index).is_some()
                    );
                }
                _ => {
                    let (table, map) = &mut pairs[at];
                    let previous = write(table, index, Some(value(n)));
                    assert_eq!(previous.is_some(), map.insert(index, n).is_some());
                }
            }
            if pairs.len() > 6 {
                pairs.swap_remove(next(6));
            }
            for (table, map) in &pairs {
                assert_eq!(read(table, index), map.get(&index).copied());
                assert_eq!(table.is_empty(), map.is_empty());
                assert_eq!(visited(table), map.values().copied().collect::<Vec<_>>());
            }
        }
    }

    /// A third write to shared nodes moves the oldest one to the tree. The value that it replaces there must not be
    /// dropped in the middle of the write: it is returned.
    #[test]
    fn a_covered_value_is_handed_out() {
        let mut table = Table::new();
        for n in 6..9 {
            write(&mut table, n, Some(value(n)));
        }
        let mut handed_out = Vec::new();
        for n in [6, 9, 10] {
            let _shared = copy(&table);
            let mut covered = None;
            table.replace(n, Some(value(100 + n)), Traits::default(), &mut covered);
            handed_out.extend(covered.as_ref().and_then(number));
        }
        assert_eq!(handed_out, [6]);
        assert_eq!(visited(&table), [106, 7, 8, 109, 110]);
    }

    #[test]
    fn a_cleared_table_is_as_a_new_one() {
        let mut table = Table::new();
        for round in 1..4 {
            let shared = {
                for n in [0, 5, 6, 7, 300, 5_000] {
                    write(&mut table, n, Some(value(round)));
                }
                copy(&table)
            };
            write(&mut table, 8, Some(value(round)));
            write(&mut table, 9, None);
            assert!(table.clear());
            assert!(table.is_empty() && visited(&table).is_empty());
            for n in [0, 5, 6, 7, 8, 9, 300, 5_000] {
                assert_eq!(read(&table, n), None);
            }
            assert_eq!(visited(&shared), [round; 6]);
            assert!(copy(&table).is_empty());
        }
        write(&mut table, 7, Some(value(4)));
        assert_eq!(visited(&table), [4]);
    }

    #[test]
    fn a_table_with_user_destructors_is_not_cleared() {
        let may_nest = Traits {
            may_nest: true,
            ..Traits::default()
        };
        let task_only = Traits {
            task_only: true,
            ..Traits::default()
        };
        for traits in [may_nest, task_only] {
            let mut table = Table::new();
            table.replace(0, Some(value(1)), traits, &mut None);
            table.replace(0, None, Traits::default(), &mut None);
            assert!(!table.clear());
        }
    }

    #[test]
    fn a_write_does_not_reach_a_copy() {
        for n in [0, INLINE, INLINE + 300, INLINE + 5_000] {
            let mut table = Table::new();
            write(&mut table, n, Some(value(1)));
            let copy = copy(&table);
            write(&mut table, n, Some(value(2)));
            assert_eq!((read(&table, n), read(&copy, n)), (Some(2), Some(1)));
            write(&mut table, n, None);
            assert!(table.is_empty() && !copy.is_empty());
        }
    }
}
