//! The names that generated code calls, and the spans of generated tokens.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

/// Where the runtime crate is, as the user's code sees it.
#[derive(Clone, Default)]
pub(crate) struct Runtime {
    /// `crate = path`; else `::propagate_context`.
    pub(crate) renamed: Option<Path>,
    /// Where generated names are located: at a token of the user's that is not a name. An editor asks for what an
    /// identifier is expanded to, and would find all names that share its span.
    pub(crate) names: Option<Span>,
}

impl Runtime {
    /// The hidden item `name` of the runtime, at the place of `at`.
    pub(crate) fn private(&self, name: &str, at: Span) -> TokenStream {
        let span = generated(at);
        let names = self.place_of_names(at);
        let name = Ident::new(name, names);
        if let Some(path) = &self.renamed {
            return quote_spanned!(span=> #path::__private::#name);
        }
        let [krate, module] =
            ["propagate_context", "__private"].map(|name| Ident::new(name, names));
        quote_spanned!(span=> ::#krate::#module::#name)
    }

    /// A generated name.
    pub(crate) fn name(&self, name: &str, at: Span) -> Ident {
        Ident::new(name, self.place_of_names(at))
    }

    pub(crate) fn place_of_names(&self, at: Span) -> Span {
        generated(self.names.unwrap_or(at))
    }
}

/// The span of generated tokens: errors point at the user's code, lints and hygiene see a macro.
pub(crate) fn generated(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}
