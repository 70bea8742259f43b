//! Reading tokens: what an item, a type or an attribute is. Nothing here expands.

pub(crate) mod attr_role;
pub(crate) mod diverging;
pub(crate) mod early_return;
pub(crate) mod inert_attr;
pub(crate) mod item;
pub(crate) mod item_kind;
pub(crate) mod literals;
pub(crate) mod return_type;
pub(crate) mod runtime_path;
pub(crate) mod tokens;
