//! What several files of tests need.

pub(crate) mod spawned;
pub(crate) mod wire;
