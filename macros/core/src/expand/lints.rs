//! Keeps lints from reporting generated code that they would not report in the user's function.

use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::{Pat, ReturnType, Type, parse_quote_spanned};

use crate::syntax::item::Function;
use crate::syntax::return_type::ReturnKind;
use crate::syntax::runtime_path::generated;
use crate::syntax::tokens::mentions;

/// Allows the lints about binding a name to itself and about using a name that starts with an underscore. Only
/// generated code does so.
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

/// Allows lints that report functions that return a future, but not async functions.
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

/// Whether clippy would report that the generated block yields a future, which an async function may do. The
/// lint must not be allowed if it could also report the user's own blocks.
pub(crate) fn may_yield_async(function: &Function) -> bool {
    let ReturnType::Type(_, ty) = &function.sig.output else {
        return false;
    };
    let may_be_future = match &**ty {
        Type::ImplTrait(_) => mentions(ty.to_token_stream(), "Future"),
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_none_or(|last| !NO_FUTURES.iter().any(|name| last.ident == name))
        }
        _ => false,
    };
    may_be_future && mentions(function.body.stream(), "async")
}

/// The most common return types that are not futures.
const NO_FUTURES: &[&str] = &[
    "Option", "Result", "String", "Vec", "bool", "f32", "f64", "i32", "i64", "u16", "u32", "u64",
    "u8", "usize",
];

/// Whether a function that is not async stays unchanged, because its body runs nothing that could see a scope
/// and lints look for such bodies.
pub(crate) fn is_left_alone(function: &Function) -> bool {
    function.sig.asyncness.is_none()
        && ReturnKind::of(&function.sig) == ReturnKind::Other
        && (runs_nothing(function.body.stream()) || is_canonical_order(function))
}

/// Whether a body consists only of variables, fields, literals and constructors of them.
fn runs_nothing(body: TokenStream) -> bool {
    let mut after_constructor = false;
    let mut after_star = false;
    body.into_iter().all(|tree| match tree {
        TokenTree::Ident(name) => {
            let name = name.to_string();
            after_constructor = name.starts_with(char::is_uppercase);
            // A lazy static is evaluated when it is first dereferenced.
            let is_known = !std::mem::take(&mut after_star) || name == "self";
            is_known && name != "async"
        }
        TokenTree::Group(group) => {
            let is_held = after_constructor || group.delimiter() == Delimiter::None;
            after_constructor = false;
            is_held && runs_nothing(group.stream())
        }
        TokenTree::Punct(punct) => {
            after_constructor = false;
            after_star = punct.as_char() == '*';
            matches!(punct.as_char(), '.' | '&' | '*' | ',' | ':')
        }
        TokenTree::Literal(_) => true,
    })
}

/// Whether the body is the one that clippy expects in an implementation of `PartialOrd`.
fn is_canonical_order(function: &Function) -> bool {
    let text = function.body.stream().to_string();
    let text = text.replace(char::is_whitespace, "");
    let body = text.strip_suffix(';').unwrap_or(&text);
    let body = body.strip_prefix("return").unwrap_or(body);
    let is_option = ["Some(", "Option::Some("]
        .iter()
        .any(|start| body.starts_with(start))
        || body.ends_with(".into()");
    function.sig.ident == "partial_cmp"
        && is_option
        && body.contains("cmp(")
        && !body.contains([';', '{'])
}

/// Methods of standard traits. Clippy does not report async functions with these names.
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

#[cfg(test)]
mod tests {
    use super::runs_nothing;

    #[test]
    fn recognizes_bodies_that_run_nothing() {
        let runs_nothing = |text: &str| runs_nothing(text.parse().unwrap());
        for nothing in [
            "",
            "*self",
            "&self.name",
            "5",
            "Self(n)",
            "Shop { name, orders: 0 }",
            "Some(Self::NAME)",
            "self.0 as usize",
        ] {
            assert!(runs_nothing(nothing), "{nothing}");
        }
        for runs in [
            "f()",
            "Self::new(n)",
            "self.a + self.b",
            "Shop { name: name.into() }",
            "let a = b; a",
            "vec![1]",
            "|a| a",
            "async { 1 }",
            "{ a }",
            "list[0]",
            "*LAZY",
        ] {
            assert!(!runs_nothing(runs), "{runs}");
        }
    }
}
