//! What several files of tests need, and no promise of its own.

pub(crate) mod spawned;
pub(crate) mod wire;
