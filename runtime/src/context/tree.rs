//! The values of the variables that are not stored in the table itself, in trees that share nodes. Each part has its
//! own depth, so that the first of these variables are only a few steps away.

use std::array;

use triomphe::Arc;

use crate::var::binding::Value;

/// The number of places of a node in the tree: 2 to the power of [`BITS`].
const WIDTH: usize = 16;
const BITS: u32 = WIDTH.ilog2();

/// Each part holds the variables that follow those of the previous part.
type Small = Branch<Leaf>;
type Medium = Branch<Small>;
type Large = Branch<Branch<Branch<Branch<Branch<Medium>>>>>;

#[derive(Clone, Default)]
pub(super) struct Tree {
    small: Option<Arc<Small>>,
    beyond: Option<Arc<Beyond>>,
}

#[derive(Clone, Default)]
struct Beyond {
    medium: Medium,
    large: Option<Arc<Large>>,
}

impl Tree {
    pub(super) const fn new() -> Self {
        Self {
            small: None,
            beyond: None,
        }
    }

    #[inline]
    pub(super) fn get(&self, index: u32) -> Option<&Value> {
        if index < Small::CAPACITY {
            self.small.as_ref()?.get(index)
        } else {
            self.get_far(index)
        }
    }

    #[cold]
    fn get_far(&self, index: u32) -> Option<&Value> {
        let beyond = self.beyond.as_ref()?;
        let index = index - Small::CAPACITY;
        if index < Medium::CAPACITY {
            beyond.medium.get(index)
        } else {
            beyond.large.as_ref()?.get(index)
        }
    }

    /// Returns the place of `index`, unless another table shares its node.
    pub(super) fn unshared(&mut self, index: u32) -> Option<&mut Option<Value>> {
        if index < Small::CAPACITY {
            return Arc::get_mut(self.small.as_mut()?)?.unshared(index);
        }
        let beyond = Arc::get_mut(self.beyond.as_mut()?)?;
        let index = index - Small::CAPACITY;
        if index < Medium::CAPACITY {
            return beyond.medium.unshared(index);
        }
        Arc::get_mut(beyond.large.as_mut()?)?.unshared(index)
    }

    /// Returns the place of `index`, after copying the nodes that another table shares.
    pub(super) fn place(&mut self, index: u32) -> &mut Option<Value> {
        if index < Small::CAPACITY {
            return Arc::make_mut(self.small.get_or_insert_default()).place(index);
        }
        let beyond = Arc::make_mut(self.beyond.get_or_insert_default());
        let index = index - Small::CAPACITY;
        if index < Medium::CAPACITY {
            return beyond.medium.place(index);
        }
        Arc::make_mut(beyond.large.get_or_insert_default()).place(index)
    }

    /// Visits every value, with its index.
    pub(super) fn visit(&self, f: &mut dyn FnMut(u32, &Value)) {
        if let Some(small) = &self.small {
            small.visit(0, f);
        }
        let Some(beyond) = &self.beyond else { return };
        beyond.medium.visit(Small::CAPACITY, f);
        if let Some(large) = &beyond.large {
            large.visit(Small::CAPACITY, f);
        }
    }
}

/// A level of the tree. The depth of each part is encoded in its type, so that the compiler can inline all levels.
trait Level: Clone + Default {
    /// The number of index bits that this level and the levels below it use.
    const USED: u32;
    fn get(&self, index: u32) -> Option<&Value>;
    /// Returns the place of `index`, unless another table shares its node.
    fn unshared(&mut self, index: u32) -> Option<&mut Option<Value>>;
    /// Returns the place of `index`, after copying the nodes that another table shares.
    fn place(&mut self, index: u32) -> &mut Option<Value>;
    /// Visits every value, with its index; `first` is the index of the first place.
    fn visit(&self, first: u32, f: &mut dyn FnMut(u32, &Value));
}

#[derive(Clone)]
struct Leaf([Option<Value>; WIDTH]);

#[derive(Clone)]
struct Branch<L>([Option<Arc<L>>; WIDTH]);

impl<L: Level> Branch<L> {
    /// Not used for the largest part, whose capacity is that of an index.
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

/// The place of an index in a node whose children use `below` bits.
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

    #[inline]
    fn unshared(&mut self, index: u32) -> Option<&mut Option<Value>> {
        Some(self.place(index))
    }

    #[inline]
    fn place(&mut self, index: u32) -> &mut Option<Value> {
        &mut self.0[child_index(index, 0)]
    }

    fn visit(&self, first: u32, f: &mut dyn FnMut(u32, &Value)) {
        for (n, value) in (0..).zip(&self.0) {
            if let Some(value) = value {
                f(first + n, value);
            }
        }
    }
}

impl<L: Level> Level for Branch<L> {
    const USED: u32 = L::USED + BITS;

    #[inline]
    fn get(&self, index: u32) -> Option<&Value> {
        self.0[child_index(index, L::USED)].as_ref()?.get(index)
    }

    #[inline]
    fn unshared(&mut self, index: u32) -> Option<&mut Option<Value>> {
        Arc::get_mut(self.0[child_index(index, L::USED)].as_mut()?)?.unshared(index)
    }

    fn place(&mut self, index: u32) -> &mut Option<Value> {
        Arc::make_mut(self.0[child_index(index, L::USED)].get_or_insert_default()).place(index)
    }

    fn visit(&self, first: u32, f: &mut dyn FnMut(u32, &Value)) {
        for (n, level) in (0..).zip(&self.0) {
            if let Some(level) = level {
                level.visit(first + (n << L::USED), f);
            }
        }
    }
}
