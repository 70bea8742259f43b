//! What stands round the body of a function.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;

use crate::args::{Args, Assignment};
use crate::path::{Runtime, generated};
use crate::tokens::braces;

/// What stands round the body of a function.
pub(crate) trait Frame {
    /// The future that an async function returns.
    fn future(&self, body: &AsyncBody, at: Span) -> TokenStream;

    /// The statements that open the scope of a function that is not async.
    fn guard(&self, at: Span) -> TokenStream;

    /// The future or stream that a function returns which is not async itself.
    fn returned(&self, value: &TokenStream, at: Span) -> TokenStream;
}

/// The parts of an async body, in their order.
pub(crate) struct AsyncBody {
    /// Moves the arguments into the future.
    pub(crate) moves: TokenStream,
    /// Names the type of the output.
    pub(crate) expected: TokenStream,
    /// The user's block, or its content where that is one expression.
    pub(crate) block: TokenStream,
}

/// The frame of `#[propagate_context]`: joins the scope that is current, or brings the one of the
/// call.
pub(crate) struct Joining {
    runtime: Runtime,
    detached: bool,
    set: Vec<Assignment>,
}

impl Joining {
    pub(crate) fn new(args: &Args) -> Self {
        Joining {
            runtime: args.runtime.clone(),
            detached: args.detached.is_some(),
            set: args.set.clone(),
        }
    }

    /// `additions().set(&VAR, value)..`
    fn additions(&self, at: Span) -> TokenStream {
        let span = generated(at);
        let mut additions = self.runtime.private("additions", at);
        additions.extend(quote_spanned!(span=> ()));
        for Assignment { variable, value } in &self.set {
            let span = generated(variable.span());
            additions.extend(quote_spanned!(span=> .set(&#variable, #value)));
        }
        additions
    }

    fn wrapper(&self, at: Span) -> TokenStream {
        let name = if self.detached { "detach" } else { "annotated" };
        self.runtime.private(name, at)
    }
}

impl Frame for Joining {
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
            let additions = self.additions(at);
            quote_spanned! {span=>
                #moves
                #additions.scope(async move { #expected #block }).await
            }
        };
        let content = braces(content, span);
        quote_spanned!(span=> #wrapper(async move #content))
    }

    fn guard(&self, at: Span) -> TokenStream {
        let span = generated(at);
        let guard = Ident::new("__guard", span);
        let mut guards = TokenStream::new();
        if self.detached {
            let enter = self.runtime.private("enter_once", at);
            let empty = self.runtime.private("detached", at);
            guards.extend(quote_spanned!(span=> let #guard = #enter(#empty());));
        } else if self.set.is_empty() {
            let enter = self.runtime.private("enter_annotated", at);
            guards.extend(quote_spanned!(span=> let #guard = #enter();));
        }
        if !self.set.is_empty() {
            let additions = self.additions(at);
            guards.extend(quote_spanned!(span=> let #guard = #additions.enter();));
        }
        guards
    }

    fn returned(&self, value: &TokenStream, at: Span) -> TokenStream {
        let span = generated(at);
        let wrapper = self.wrapper(at);
        quote_spanned!(span=> #wrapper(#value))
    }
}
