//! Recognizes functions that requests start in, by their own attributes and signatures.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::{Attribute, ItemImpl, Meta, ReturnType, Signature};

use super::imports::Imports;
use crate::source::unraw;

/// Attributes of web frameworks that take the path of a route.
const ROUTES: &[&str] = &[
    "get", "post", "put", "delete", "patch", "head", "options", "trace", "connect", "route",
    "routes",
];

/// Attributes that make a function a handler, regardless of their arguments.
const HANDLERS: &[&str] = &[
    "catch",
    "debug_handler",
    "endpoint",
    "handler",
    "oai",
    "server",
];

/// Attributes of `impl` blocks whose methods serve requests.
const SERVICES: &[&str] = &[
    "OpenApi",
    "Object",
    "ComplexObject",
    "MergedObject",
    "Subscription",
    "graphql_object",
    "graphql_subscription",
    "handler",
];

/// Returns the kind of entry according to the attributes of a function.
pub(super) fn of_attributes(attrs: &[Attribute]) -> Option<&'static str> {
    attrs.iter().find_map(|attr| {
        let segments = &attr.path().segments;
        let last = unraw(&segments.last()?.ident);
        let has_path = match &attr.meta {
            Meta::List(meta) => {
                let first = meta.tokens.clone().into_iter().next();
                first.is_some_and(|first| first.to_string().starts_with(['"', 'r']))
            }
            _ => false,
        };
        // The attribute of utoipa, and attributes modelled on it.
        let is_described = last == "path" && segments.len() > 1 && says(attr, "responses");
        match &*last {
            "context_entry" => Some("`#[context_entry]`"),
            name if ROUTES.contains(&name) && has_path => Some("a route attribute"),
            name if HANDLERS.contains(&name) || is_described => Some("a handler attribute"),
            _ => None,
        }
    })
}

fn says(attr: &Attribute, word: &str) -> bool {
    match &attr.meta {
        Meta::List(meta) => {
            let mut trees = meta.tokens.clone().into_iter();
            trees.any(|tree| matches!(tree, TokenTree::Ident(ident) if ident == word))
        }
        _ => false,
    }
}

/// Returns the kind of entry according to the `impl` block of a method.
pub(super) fn of_impl(
    item: &ItemImpl,
    trait_name: Option<&str>,
    sig: &Signature,
    imports: &Imports,
) -> Option<&'static str> {
    let is = |attr: &Attribute, names: &[&str]| {
        let last = attr.path().segments.last();
        last.is_some_and(|last| names.iter().any(|name| last.ident == name))
    };
    if item.attrs.iter().any(|attr| is(attr, SERVICES)) {
        return Some("a service attribute on its `impl`");
    }
    let is_tonic = item.attrs.iter().any(|attr| {
        let segments = &attr.path().segments;
        segments.len() == 2 && segments[0].ident == "tonic" && segments[1].ident == "async_trait"
    });
    let trait_name = trait_name?;
    let inputs = sig.inputs.to_token_stream().to_string().replace(' ', "");
    let output = match &sig.output {
        ReturnType::Default => String::new(),
        ReturnType::Type(_, ty) => ty.to_token_stream().to_string().replace(' ', ""),
    };
    // A user-defined `Result` alias does not mention `Status`.
    let of_tonic = |name: &str| {
        let path = imports.get(name).and_then(|path| path.first());
        path.is_some_and(|first| first == "tonic")
    };
    let is_rpc = inputs.contains("Request<")
        && output.contains("Response<")
        && (output.contains("Status") || of_tonic("Request") || inputs.contains("tonic::Request<"));
    if is_tonic || is_rpc {
        return Some("an implementation of a tonic service");
    }
    let of_trait = item
        .trait_
        .as_ref()
        .map(|(path, _)| path.to_token_stream().to_string().replace(' ', ""));
    let of_trait = of_trait.unwrap_or_default();
    match (trait_name, unraw(&sig.ident).as_str()) {
        ("Service", "call") if of_trait.contains("Request") => Some("a tower service"),
        ("FromRequest" | "FromRequestParts" | "OptionalFromRequestParts" | "FromData", _) => {
            Some("an extractor")
        }
        ("IntoResponse" | "Responder" | "ResponseError", _) => Some("a response"),
        ("Endpoint", "call") => Some("an endpoint"),
        ("Handler", "call") => Some("a handler"),
        // With a type parameter, this is a trait of an actor framework.
        ("Handler", "handle") if of_trait.ends_with("Handler") => Some("a handler"),
        ("Interceptor", "call") => Some("a tonic interceptor"),
        ("Fairing", "on_request" | "on_response") => Some("a fairing"),
        _ => None,
    }
}
