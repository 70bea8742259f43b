//! Middleware for a framework whose release rhythm is faster than ours: to be copied into a program, as the guide shows.
//! The test `guide` compares the two.

pub mod salvo;
