//! The paths that generated code uses, and the spans of generated tokens.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote_spanned;
use syn::Path;

/// The path of the runtime crate in the user's code.
#[derive(Clone, Default)]
pub(crate) struct Runtime {
    /// The path in `crate = path`. If there is none, the path is `::propagate_context`.
    pub(crate) renamed: Option<Path>,
}

/// Where generated tokens are located.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    /// The span of keywords and punctuation, where errors are reported.
    pub(crate) start: Span,
    /// The span of names. This is not the span of a name in the user's code, because an editor that expands
    /// such a name would find all tokens that share its span.
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
    /// Returns the place of the user's `tokens`, which are followed by a token at `next`.
    pub(crate) fn of(tokens: &TokenStream, next: Span) -> Self {
        let first = tokens.clone().into_iter().next();
        Place {
            start: first.map_or(next, |tree| tree.span()),
            names: next,
        }
    }
}

impl Runtime {
    /// Returns the path of the attribute `name`.
    pub(crate) fn attribute(&self, name: &str, span: Span) -> TokenStream {
        let name = Ident::new(name, span);
        if let Some(path) = &self.renamed {
            quote_spanned!(span=> #path::#name)
        } else {
            quote_spanned!(span=> ::propagate_context::#name)
        }
    }

    /// Returns the path of the hidden item `name` of the runtime.
    pub(crate) fn private(&self, name: &str, at: impl Into<Place>) -> TokenStream {
        let Place { start, names } = at.into();
        self.path(name, generated(start), generated(names))
    }

    /// Returns the same path, for an expression that counts as the user's code.
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

/// Returns a generated name that is not a path.
pub(crate) fn name(name: &str, at: impl Into<Place>) -> Ident {
    Ident::new(name, generated(at.into().names))
}

/// Returns the span of generated tokens: errors point at the user's code, but lints and hygiene see a macro.
pub(crate) fn generated(at: Span) -> Span {
    Span::mixed_site().located_at(at)
}
