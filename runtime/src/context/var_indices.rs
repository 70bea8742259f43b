//! `VarIndices`: the variables that a scope adds.

/// The variables that a scope adds. Usually it is one, which is stored without an allocation.
#[derive(Default)]
pub(crate) struct VarIndices {
    first: Option<u32>,
    #[expect(
        clippy::box_collection,
        reason = "it is a part of every scope, and a vector is three words"
    )]
    more: Option<Box<Vec<u32>>>,
}

impl VarIndices {
    #[inline]
    pub(crate) fn push(&mut self, index: u32) {
        if self.first.is_none() {
            self.first = Some(index);
        } else {
            self.more.get_or_insert_default().push(index);
        }
    }
}

impl IntoIterator for VarIndices {
    type Item = u32;
    type IntoIter = std::iter::Chain<std::option::IntoIter<u32>, std::vec::IntoIter<u32>>;

    fn into_iter(self) -> Self::IntoIter {
        let more = self.more.map_or(Vec::new(), |more| *more);
        self.first.into_iter().chain(more)
    }
}
