//! The names that generated code calls, and the spans of generated tokens.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

/// Where the runtime crate is, as the user's code sees it.
#[derive(Clone, Default)]
pub(crate) struct Runtime {
    /// `crate = path`; else `::propagate_context`.
    pub(crate) renamed: Option<Path>,
}

/// Where generated tokens are located.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// Keywords and punctuation: errors are reported there.
    pub(crate) start: Span,
    /// Names. Not at a name of the user's: an editor asks what that is expanded to, and would find all that share its
    /// span.
    pub(crate) names: Span,
}

impl From<Span> for Place {
    fn from(at: Span) -> Self {
        Place {
            start: at,
            names: at,
        }
    }
}

impl Place {
    /// That of the user's `tokens`, which are followed by a token at `next`.
    pub(crate) fn of(tokens: &TokenStream, next: Span) -> Self {
        let first = tokens.clone().into_iter().next();
        Place {
            start: first.map_or(next, |tree| tree.span()),
            names: next,
        }
    }
}

impl Runtime {
    /// The attribute `name`.
    pub(crate) fn attribute(&self, name: &str, span: Span) -> TokenStream {
        let name = Ident::new(name, span);
        if let Some(path) = &self.renamed {
            quote_spanned!(span=> #path::#name)
        } else {
            quote_spanned!(span=> ::propagate_context::#name)
        }
    }

    /// The hidden item `name` of the runtime.
    pub(crate) fn private(&self, name: &str, at: impl Into<Place>) -> TokenStream {
        let Place { start, names } = at.into();
        self.path(name, generated(start), generated(names))
    }

    /// The same in an expression that counts as the user's.
    pub(crate) fn private_of_user(&self, name: &str, at: Place) -> TokenStream {
        self.path(name, at.start, at.names)
    }

    fn path(&self, name: &str, span: Span, names: Span) -> TokenStream {
        let name = Ident::new(name, names);
        if let Some(path) = &self.renamed {
            return quote_spanned!(span=> #path::__private::#name);
        }
        let [krate, module] =
            ["propagate_context", "__private"].map(|name| Ident::new(name, names));
        quote_spanned!(span=> ::#krate::#module::#name)
    }
}

/// A generated name that is not a path.
pub(crate) fn name(name: &str, at: impl Into<Place>) -> Ident {
    Ident::new(name, generated(at.into().names))
}

/// The span of generated tokens: errors point at the user's code, lints and hygiene see a macro.
pub(crate) fn generated(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}
