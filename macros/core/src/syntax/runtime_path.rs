//! The names that generated code calls.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

/// Where the runtime crate is, as the user's code sees it.
#[derive(Clone, Default)]
pub(crate) struct Runtime {
    /// `crate = path`; else `::propagate_context`.
    pub(crate) renamed: Option<Path>,
}

impl Runtime {
    /// The hidden item `name` of the runtime, at the place of `at`.
    pub(crate) fn private(&self, name: &str, at: Span) -> TokenStream {
        let span = generated(at);
        let name = Ident::new(name, span);
        if let Some(path) = &self.renamed {
            quote_spanned!(span=> #path::__private::#name)
        } else {
            quote_spanned!(span=> ::propagate_context::__private::#name)
        }
    }
}

/// The span of generated tokens: errors point at the user's code, lints and hygiene see a macro.
pub(crate) fn generated(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}
