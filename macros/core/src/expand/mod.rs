//! From an item and its arguments to the tokens that replace it.

pub(crate) mod function;
pub(crate) mod item;
pub(crate) mod lints;
pub(crate) mod order;
pub(crate) mod signature;
pub(crate) mod wrapper;
