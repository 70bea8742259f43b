//! Helpers that are used by several test files.

pub(crate) mod spawned;
pub(crate) mod wire;
