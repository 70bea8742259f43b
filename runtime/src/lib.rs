//! Context propagation.
