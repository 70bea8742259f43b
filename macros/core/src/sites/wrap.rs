//! What is written round the future or function that is spawned.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

use crate::args::Args;
use crate::record::Outcome;
use crate::syntax::runtime_path::{Runtime, generated};

/// What the spawn sites of one function are rewritten with.
pub(crate) struct Sites<'a> {
    runtime: &'a Runtime,
    /// The user's own spawners of futures.
    pub(super) spawn: &'a [Path],
    /// The user's own spawners of closures.
    pub(super) spawn_blocking: &'a [Path],
    /// Whether the current `tracing` span is propagated, too.
    pub(super) span: bool,
}

/// In which context a child runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// In the one that is current at the spawn site.
    Propagate,
    /// In the empty one.
    Detach,
}

impl Mode {
    pub(super) fn outcome(self, is_rewritten: bool) -> Outcome {
        match self {
            _ if !is_rewritten => Outcome::Untouched,
            Mode::Propagate => Outcome::Propagated,
            Mode::Detach => Outcome::Detached,
        }
    }
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

    /// `propagate(future)`
    pub(super) fn future(&self, future: &TokenStream, at: Span, mode: Mode) -> TokenStream {
        self.wrapped(future, ["propagate", "detach", "in_current_span"], at, mode)
    }

    /// `propagate_fn(function)`
    pub(super) fn function(&self, function: &TokenStream, at: Span, mode: Mode) -> TokenStream {
        self.wrapped(
            function,
            ["propagate_fn", "detach_fn", "in_current_span_fn"],
            at,
            mode,
        )
    }

    fn wrapped(&self, value: &TokenStream, names: [&str; 3], at: Span, mode: Mode) -> TokenStream {
        let [propagate, detach, in_span] = names.map(|name| self.private(name, at));
        let span = generated(at);
        match mode {
            Mode::Detach => quote_spanned!(span=> #detach(#value)),
            Mode::Propagate if self.span => quote_spanned!(span=> #in_span(#propagate(#value))),
            Mode::Propagate => quote_spanned!(span=> #propagate(#value)),
        }
    }

    pub(super) fn private(&self, name: &str, at: Span) -> TokenStream {
        self.runtime.private(name, at)
    }
}
