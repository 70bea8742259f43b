//! Middleware for a framework whose releases are more frequent than those of this crate. Users copy it into their
//! program, as the guide shows. The test `guide` compares the two.

pub mod salvo;
