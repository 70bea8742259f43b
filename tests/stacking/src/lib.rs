//! Nothing: a package wants a target beside its tests.
