//! Generates the code around a spawned future, function or value.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::Path;

use super::values::Form;
use crate::args::Args;
use crate::record::Outcome;
use crate::syntax::runtime_path::{self, Place, Runtime, generated};
use crate::syntax::tokens::braces;

/// The settings for rewriting the spawn sites of one function.
pub(crate) struct Sites<'a> {
    runtime: &'a Runtime,
    /// The user's own spawners of futures.
    pub(super) spawn: &'a [Path],
    /// The user's own spawners of closures.
    pub(super) spawn_blocking: &'a [Path],
    /// Whether the current `tracing` span is propagated, too.
    pub(super) span: bool,
}

/// The context in which a child runs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The context that is current at the spawn site.
    Propagate,
    /// The empty context.
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

    /// Returns the name of the hidden function that returns this context.
    pub(super) fn context(self) -> &'static str {
        match self {
            Mode::Propagate => "capture",
            Mode::Detach => "detached",
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

    /// Generates `propagate(future)`.
    pub(super) fn future(&self, future: &TokenStream, at: Place, mode: Mode) -> TokenStream {
        self.wrapped(future, ["propagate", "detach", "in_current_span"], at, mode)
    }

    /// Generates `propagate_fn(function)`.
    pub(super) fn function(&self, function: &TokenStream, at: Place, mode: Mode) -> TokenStream {
        self.wrapped(
            function,
            ["propagate_fn", "detach_fn", "in_current_span_fn"],
            at,
            mode,
        )
    }

    fn wrapped(&self, value: &TokenStream, names: [&str; 3], at: Place, mode: Mode) -> TokenStream {
        let [propagate, detach, in_span] = names.map(|name| self.private(name, at));
        let span = generated(at.start);
        match mode {
            Mode::Detach => quote_spanned!(span=> #detach(#value)),
            Mode::Propagate if self.span => quote_spanned!(span=> #in_span(#propagate(#value))),
            Mode::Propagate => quote_spanned!(span=> #propagate(#value)),
        }
    }

    /// Generates `match value { __value => spawned(&__value).kind().wrap(__value, capture()) }`. The type of
    /// the value decides which methods are called: see `context/spawned.rs` of the runtime.
    ///
    /// Temporaries in the value live as long as in the plain call.
    pub(super) fn by_type(
        &self,
        value: &TokenStream,
        form: Form,
        first_step: &str,
        at: Place,
        mode: Mode,
    ) -> TokenStream {
        let context = self.private(mode.context(), at);
        let context = quote_spanned!(generated(at.names)=> , #context());
        let job = if self.span && mode == Mode::Propagate {
            let in_span = self.apply(value, form, first_step, "in_span", &TokenStream::new(), at);
            self.apply(&in_span, Form::Computed, first_step, "wrap", &context, at)
        } else {
            self.apply(value, form, first_step, "wrap", &context, at)
        };
        // The call has the span of the user's own expression, not that of generated code, so that errors about
        // the argument are reported there.
        let passed = self.runtime.private_of_user("passed", at);
        let mut arguments = Group::new(Delimiter::Parenthesis, job);
        arguments.set_span(at.start);
        let arguments = TokenTree::Group(arguments);
        quote_spanned!(at.start=> #passed #arguments)
    }

    fn apply(
        &self,
        value: &TokenStream,
        form: Form,
        first_step: &str,
        method: &str,
        more: &TokenStream,
        at: Place,
    ) -> TokenStream {
        let reference = generated(at.start);
        let at = Place::from(at.names);
        let span = generated(at.start);
        let step = self.private(first_step, at);
        let [kind, method] = ["kind", method].map(|name| runtime_path::name(name, at));
        if form == Form::Place {
            let named = runtime_path::name("__kind", at);
            let reference = quote_spanned!(reference=> &#value);
            let content = quote_spanned! {span=>
                let #named = #step(#reference).#kind(); #named.#method(#value #more)
            };
            return braces(content, span).into_token_stream();
        }
        let named = runtime_path::name("__value", at);
        // Without parentheses, the braces of a struct expression would be parsed as those of the `match`.
        let mut scrutinee = Group::new(Delimiter::Parenthesis, value.clone());
        scrutinee.set_span(span);
        let scrutinee = TokenTree::Group(scrutinee);
        let arm = braces(
            quote_spanned!(span=> #named => #step(&#named).#kind().#method(#named #more),),
            span,
        );
        quote_spanned!(span=> match #scrutinee #arm)
    }

    pub(super) fn private(&self, name: &str, at: impl Into<Place>) -> TokenStream {
        self.runtime.private(name, at)
    }
}
