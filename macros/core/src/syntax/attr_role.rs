//! Classifies attributes below this one by what they do with the function, judging by their names.

use proc_macro2::{Delimiter, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Meta};

use crate::syntax::inert_attr::is_inert;
use crate::syntax::tokens::mentions;

/// What an attribute does with its function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttrRole {
    /// Nothing: only the compiler reads it.
    Inert,
    /// Sets the level of lints.
    Lint,
    /// Registers the function under its name, calls it, or generates other items from it: a route, a test,
    /// `main`.
    Registers,
    /// Describes the parameters and the return type in additional items.
    Describes,
    /// Rewrites or wraps the body. Unknown attributes count as this, because most attributes on functions do
    /// so.
    Body,
}

/// Attributes that register the function.
const REGISTER: &[&str] = &[
    // actix-web, rocket, ntex. Those that are named like an HTTP method are recognized by their path.
    "catch",
    "connect",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "route",
    "routes",
    "trace",
    // poem, salvo
    "endpoint",
    "handler",
    // Test harnesses, attributes that they look for, and entry points.
    "bench",
    "case",
    "file_parallel",
    "file_serial",
    "ignore",
    "main",
    "parallel",
    "property_test",
    "proptest",
    "quickcheck",
    "rstest",
    "serial",
    "should_panic",
    "template",
    "test",
    "test_case",
    "test_matrix",
    "traced_test",
    "wasm_bindgen_test",
    // Jobs, commands, bindings.
    "command",
    "event",
    "export",
    "napi",
    "pyfunction",
    "task",
    "tool",
    "wasm_bindgen",
];

/// Those of [`REGISTER`] that share their name with other attributes. A route is recognized by its path.
const WITH_PATH: &[&str] = &[
    "catch", "connect", "delete", "get", "head", "options", "patch", "post", "put", "trace",
];

/// Attributes that describe the function.
const DESCRIBE: &[&str] = &[
    "api_operation",
    "api_v2_operation",
    "handler_doc",
    "openapi",
    "path",
    "server",
];

const LINTS: &[&str] = &["allow", "deny", "expect", "forbid", "warn"];

/// Attributes that instrument the `async` literal that a function returns, and find it by its syntax.
const LOOK_FOR_LITERALS: &[&str] = &["instrument", "log_call", "logcall", "trace"];

impl AttrRole {
    pub(crate) fn of(attr: &Attribute) -> Self {
        let Some(name) = last_name(&attr.meta) else {
            return Self::Body;
        };
        if is_inert(attr) {
            let sets_lints = LINTS.contains(&name.as_str())
                || (attr.path().is_ident("cfg_attr")
                    && LINTS
                        .iter()
                        .any(|lint| mentions(attr.meta.to_token_stream(), lint)));
            return if sets_lints { Self::Lint } else { Self::Inert };
        }
        if WITH_PATH.contains(&name.as_str()) && !starts_with_text(&attr.meta) {
            return Self::Body;
        }
        if REGISTER.contains(&name.as_str()) {
            return Self::Registers;
        }
        if DESCRIBE.contains(&name.as_str()) {
            return Self::Describes;
        }
        Self::Body
    }
}

/// Whether the attribute must see the `async` literal that the function returns as the user wrote it.
pub(crate) fn looks_for_literals(attr: &Attribute) -> bool {
    let name = last_name(&attr.meta);
    name.is_some_and(|name| LOOK_FOR_LITERALS.contains(&name.as_str()))
}

/// Returns the last segment of the path. For `cfg_attr`, returns that of its first attribute.
fn last_name(meta: &Meta) -> Option<String> {
    if let (true, Meta::List(list)) = (meta.path().is_ident("cfg_attr"), meta) {
        let conditional = list.parse_args_with(|input: syn::parse::ParseStream<'_>| {
            input.parse::<Meta>()?;
            input.parse::<syn::Token![,]>()?;
            let first = input.parse::<Meta>()?;
            input.parse::<proc_macro2::TokenStream>()?;
            Ok(first)
        });
        if let Some(name) = conditional.ok().as_ref().and_then(last_name) {
            return Some(name);
        }
    }
    let last = meta.path().segments.last()?;
    Some(last.ident.to_string())
}

/// `(".." ..)`
fn starts_with_text(meta: &Meta) -> bool {
    let Meta::List(list) = meta else {
        return false;
    };
    let first = list.tokens.clone().into_iter().next();
    match first {
        Some(TokenTree::Literal(literal)) => {
            matches!(literal.to_string().chars().next(), Some('"' | 'r'))
        }
        Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::None,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(attr: &Attribute) -> AttrRole {
        AttrRole::of(attr)
    }

    #[test]
    fn classifies_attributes_by_name() {
        use syn::parse_quote as attr;
        assert_eq!(role(&attr!(#[must_use])), AttrRole::Inert);
        assert_eq!(role(&attr!(#[allow(unused)])), AttrRole::Lint);
        assert_eq!(
            role(&attr!(#[cfg_attr(test, inline, allow(unused))])),
            AttrRole::Lint
        );
        assert_eq!(role(&attr!(#[cfg(allow)])), AttrRole::Inert);
        assert_eq!(
            role(&attr!(#[tracing::instrument(skip_all)])),
            AttrRole::Body
        );
        assert_eq!(role(&attr!(#[cached::proc_macro::cached])), AttrRole::Body);
        assert_eq!(role(&attr!(#[axum::debug_handler])), AttrRole::Body);
        assert_eq!(role(&attr!(#[actix_web::get("/")])), AttrRole::Registers);
        assert_eq!(
            role(&attr!(#[tokio::test(flavor = "multi_thread")])),
            AttrRole::Registers
        );
        assert_eq!(
            role(&attr!(#[utoipa::path(get, path = "/")])),
            AttrRole::Describes
        );
        // The method TRACE, and an attribute for spans.
        assert_eq!(role(&attr!(#[trace("/")])), AttrRole::Registers);
        assert_eq!(role(&attr!(#[fastrace::trace])), AttrRole::Body);
        assert_eq!(
            role(&attr!(#[cfg_attr(test, tokio::test)])),
            AttrRole::Registers
        );
    }
}
