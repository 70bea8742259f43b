//! Spawn sites: finds them in a body and rewrites what is passed to them.
//!
//! Bodies are walked as tokens, which reaches the arguments of other macros too; only the arguments of calls that are
//! named like a spawner are parsed.
//!
//! `walk` and the files that extend it (`body_attrs`, `parallel`, `rewrite`, `closure`) are one recursive descent: an
//! attribute, a chain of rayon and an argument all hold code that is walked in turn. They import each other; `catalogue`
//! and `wrap` are below them.

mod body_attrs;
mod catalogue;
mod closure;
mod parallel;
mod rewrite;
mod values;
mod walk;
mod wrap;

pub(crate) use body_attrs::{attribute_name, without_body_attrs};
pub(crate) use walk::rewrite;
pub(crate) use wrap::Sites;
