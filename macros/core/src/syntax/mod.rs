//! Reads items, types, expressions and attributes from tokens. Nothing in this module expands them.

pub(crate) mod attr_role;
pub(crate) mod diverging;
pub(crate) mod early_return;
pub(crate) mod inert_attr;
pub(crate) mod item;
pub(crate) mod item_kind;
pub(crate) mod literals;
pub(crate) mod return_type;
pub(crate) mod returned;
pub(crate) mod runtime_path;
pub(crate) mod tokens;
