//! Turns an item and the arguments of its attribute into the tokens that replace the item.

pub(crate) mod function;
pub(crate) mod item;
pub(crate) mod lints;
pub(crate) mod order;
pub(crate) mod signature;
pub(crate) mod wrapper;
