//! Spawn sites: finds them in a body and rewrites what is passed to them.
//!
//! Bodies are walked as tokens, which reaches the arguments of other macros too; only the
//! arguments of calls that are named like a spawner are parsed.

mod catalogue;
mod closure;
mod marks;
mod parallel;
mod rewrite;
mod walk;

pub(crate) use marks::{attribute_name, without_marks};

use proc_macro2::{Span, TokenStream};
use syn::{Path, Result};

use crate::args::Args;
use crate::syntax::runtime_path::Runtime;

/// What the sites of one function are rewritten with.
pub(crate) struct Sites<'a> {
    runtime: &'a Runtime,
    /// The user's own spawners of futures.
    spawn: &'a [Path],
    /// The user's own spawners of closures.
    spawn_blocking: &'a [Path],
    /// Whether the current span goes along.
    span: bool,
}

/// With which context a child runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Bring,
    Detach,
}

/// What became of a body.
pub(crate) struct Rewritten {
    /// `None` where it stays as it is.
    pub(crate) tokens: Option<TokenStream>,
    /// Whether there were marks in it.
    pub(crate) marked: bool,
    /// A spawner that the user has named, and that the body does not call.
    pub(crate) uncalled: Option<Path>,
}

impl<'a> Sites<'a> {
    pub(crate) fn new(args: &'a Args) -> Self {
        Sites {
            runtime: &args.runtime,
            spawn: &args.spawn,
            spawn_blocking: &args.spawn_blocking,
            span: args.span.is_some(),
        }
    }

    /// Rewrites the sites of a body.
    pub(crate) fn rewrite(&self, body: TokenStream) -> Result<Rewritten> {
        let mut walk = walk::Walk::new(self);
        let tokens = walk.body(body);
        match walk.error {
            Some(error) => Err(error),
            None => Ok(Rewritten {
                tokens,
                marked: walk.marks > 0,
                uncalled: walk.uncalled.first().copied().cloned(),
            }),
        }
    }

    fn private(&self, name: &str, at: Span) -> TokenStream {
        self.runtime.private(name, at)
    }
}
