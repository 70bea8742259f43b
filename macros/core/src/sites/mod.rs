//! Finds the spawn sites in a body and rewrites their arguments.
//!
//! Bodies are walked as tokens, so that the walk also reaches the arguments of other macros. Only the arguments
//! of calls that are named like a spawner are parsed.
//!
//! `walk` and the files that extend it (`body_attrs`, `parallel`, `rewrite`, `closure`) are one recursive
//! descent: attributes, rayon chains and arguments all contain code that is walked in turn. These files import
//! each other. `catalogue` and `wrap` import none of them.

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
