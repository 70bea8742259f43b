//! The code that is generated around the body of a function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;

use crate::args::{Args, Assignment};
use crate::syntax::runtime_path::{Runtime, generated};
use crate::syntax::tokens::braces;

/// Generates the code around the body of a function.
pub(crate) trait BodyWrapper {
    /// Returns the future that replaces the body of an async function.
    fn future(&self, body: &AsyncBody, at: Span) -> TokenStream;

    /// Returns the statements that open the scope of a function that is not async.
    fn guard(&self, at: Span) -> TokenStream;

    /// Returns the same statements for a function that returns a future or stream, which runs in the same
    /// context.
    fn guard_of_call(&self, at: Span) -> TokenStream;

    /// Wraps the returned future or stream.
    fn returned(&self, value: &TokenStream, at: Span) -> TokenStream;

    /// Whether futures inside other returned values are wrapped, too. There may be several of them.
    fn wraps_parts(&self) -> bool;

    /// Whether the wrapper has no effect on a body that runs no code, and can be omitted there.
    fn may_be_left_out(&self) -> bool;
}

/// The parts of an async body, in this order.
pub(crate) struct AsyncBody {
    /// Moves the arguments into the future.
    pub(crate) moves: TokenStream,
    /// Names the type of the output.
    pub(crate) expected: TokenStream,
    /// The user's block, or its content if that is a single expression.
    pub(crate) block: TokenStream,
}

/// The wrapper of `#[propagate_context]`: runs the function in the current scope, or in the context captured at
/// the call if there is none.
pub(crate) struct PropagateWrapper {
    runtime: Runtime,
    detached: bool,
    set: Vec<Assignment>,
}

impl PropagateWrapper {
    pub(crate) fn new(args: &Args) -> Self {
        PropagateWrapper {
            runtime: args.runtime.clone(),
            detached: args.detached.is_some(),
            set: args.set.clone(),
        }
    }

    /// Returns the statement that enters the scope around the scope of `set`.
    fn enter_around(&self, at: Span) -> TokenStream {
        let span = generated(at);
        let guard = Ident::new("__guard", span);
        if self.detached {
            let enter = self.runtime.private("enter_once", at);
            let empty = self.runtime.private("detached", at);
            quote_spanned!(span=> let #guard = #enter(#empty());)
        } else if self.set.is_empty() {
            let enter = self.runtime.private("enter_annotated", at);
            quote_spanned!(span=> let #guard = #enter();)
        } else {
            TokenStream::new()
        }
    }

    fn wrapper(&self, at: Span) -> TokenStream {
        let name = if self.detached { "detach" } else { "annotated" };
        self.runtime.private(name, at)
    }
}

impl BodyWrapper for PropagateWrapper {
    fn future(&self, body: &AsyncBody, at: Span) -> TokenStream {
        let AsyncBody {
            moves,
            expected,
            block,
        } = body;
        let span = generated(at);
        let wrapper = self.wrapper(at);
        let content = if self.set.is_empty() {
            quote_spanned!(span=> #moves #expected #block)
        } else {
            let additions = additions(&self.runtime, &self.set, at);
            quote_spanned! {span=>
                #moves
                #additions.scope(async move { #expected #block }).await
            }
        };
        let content = braces(content, span);
        quote_spanned!(span=> #wrapper(async move #content))
    }

    fn guard(&self, at: Span) -> TokenStream {
        let mut guards = self.enter_around(at);
        if !self.set.is_empty() {
            let span = generated(at);
            let guard = Ident::new("__guard", span);
            let additions = additions(&self.runtime, &self.set, at);
            guards.extend(quote_spanned!(span=> let #guard = #additions.enter();));
        }
        guards
    }

    fn guard_of_call(&self, at: Span) -> TokenStream {
        let mut guards = self.enter_around(at);
        if !self.set.is_empty() {
            guards.extend(enter_and_keep(&self.runtime, &self.set, at));
        }
        guards
    }

    fn returned(&self, value: &TokenStream, at: Span) -> TokenStream {
        let span = generated(at);
        if self.set.is_empty() {
            let wrapper = self.wrapper(at);
            return quote_spanned!(span=> #wrapper(#value));
        }
        let kept = Ident::new("__set", span);
        let value = scoped(
            &self.runtime,
            value,
            &quote_spanned!(span=> ::core::clone::Clone::clone(&#kept)),
            at,
        );
        if self.detached {
            let detach = self.wrapper(at);
            return quote_spanned!(span=> #detach(#value));
        }
        value
    }

    fn wraps_parts(&self) -> bool {
        true
    }

    fn may_be_left_out(&self) -> bool {
        true
    }
}

/// Generates `additions().set(&VAR, value)..`.
pub(crate) fn additions(runtime: &Runtime, set: &[Assignment], at: Span) -> TokenStream {
    let span = generated(at);
    let additions = runtime.private("additions", at);
    let mut additions = quote_spanned!(span=> #additions());
    for Assignment { variable, value } in set {
        let span = generated(variable.span());
        additions.extend(quote_spanned!(span=> .set(&#variable, #value)));
    }
    additions
}

/// Returns the statements that enter the scope of `set` and keep its values for [`scoped`], so that they are
/// evaluated once.
pub(crate) fn enter_and_keep(runtime: &Runtime, set: &[Assignment], at: Span) -> TokenStream {
    let span = generated(at);
    let guard = Ident::new("__set_guard", span);
    let kept = Ident::new("__set", span);
    let additions = additions(runtime, set, at);
    quote_spanned! {span=>
        let #kept = #additions;
        let #guard = ::core::clone::Clone::clone(&#kept).enter();
    }
}

/// Wraps a future or stream in a scope with the values `kept`, on top of the context that is current where it
/// is polled, as in an async function.
pub(crate) fn scoped(
    runtime: &Runtime,
    value: &TokenStream,
    kept: &TokenStream,
    at: Span,
) -> TokenStream {
    let span = generated(at);
    let scoped = runtime.private("in_overlay", at);
    quote_spanned!(span=> #scoped(#value, #kept))
}
