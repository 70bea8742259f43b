//! What lints would say about what is written in place of an async function.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::{Pat, parse_quote_spanned};

use crate::syntax::item::Function;
use crate::syntax::runtime_path::generated;
use crate::syntax::tokens::mentions;

/// It is we who bind a name to itself, and mention one that starts with an underscore.
pub(crate) fn quiet(pat: &Pat, span: Span) -> Option<TokenStream> {
    let Pat::Ident(name) = pat else {
        return None;
    };
    let is_underscored = name.ident.to_string().starts_with('_');
    let underscored = is_underscored.then(|| {
        quote_spanned! {span=>
            , clippy::used_underscore_binding, clippy::no_effect_underscore_binding
        }
    });
    Some(quote_spanned!(span=> #[allow(clippy::shadow_same #underscored)]))
}

/// Allows what lints say about functions that return a future, and not about async ones.
pub(crate) fn allow_what_async_may(function: &mut Function) {
    let span = generated(function.sig.fn_token.span);
    if TRAIT_METHODS.contains(&function.sig.ident.to_string().as_str()) {
        let allow = parse_quote_spanned!(span=> #[allow(clippy::should_implement_trait)]);
        function.attrs.push(allow);
    }
    if !mentions(function.body.stream(), "async") {
        let allow = parse_quote_spanned!(span=> #[allow(clippy::async_yields_async)]);
        function.attrs.push(allow);
    }
    if function
        .attrs
        .iter()
        .any(|attr| mentions(attr.to_token_stream(), "must_use"))
    {
        let allow = parse_quote_spanned!(span=> #[allow(clippy::double_must_use)]);
        function.attrs.push(allow);
    }
}

/// Whether a body is the one that clippy asks for in an implementation of `Clone` or `PartialOrd`: it is left as it is.
pub(crate) fn is_canonical(function: &Function) -> bool {
    let body = match function.sig.ident.to_string().as_str() {
        "clone" => "*self",
        "partial_cmp" => "Some(self.cmp(other))",
        _ => return false,
    };
    let text = function.body.stream().to_string();
    text.replace(char::is_whitespace, "") == body
}

/// Methods of the standard traits, which clippy does not mind where they are async.
const TRAIT_METHODS: &[&str] = &[
    "add",
    "as_mut",
    "as_ref",
    "bitand",
    "bitor",
    "bitxor",
    "borrow",
    "borrow_mut",
    "clone",
    "cmp",
    "default",
    "deref",
    "deref_mut",
    "div",
    "drop",
    "eq",
    "from_iter",
    "from_str",
    "hash",
    "index",
    "index_mut",
    "into_iter",
    "mul",
    "neg",
    "next",
    "not",
    "rem",
    "shl",
    "shr",
    "sub",
];
