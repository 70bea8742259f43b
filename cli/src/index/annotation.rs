//! Attributes of ours, and an item without them.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, Meta};

use super::sites::Attribute as Ours;

/// An item without attributes of ours, and without any.
pub(super) fn stripped<T: Clone + ToTokens>(
    item: &T,
    attrs: fn(&mut T) -> &mut Vec<Attribute>,
) -> (TokenStream, TokenStream) {
    let mut item = item.clone();
    attrs(&mut item).retain(|attr| !is_ours(attr));
    let bare = item.to_token_stream();
    attrs(&mut item).clear();
    (bare, item.into_token_stream())
}

fn is_ours(attr: &Attribute) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|last| last.ident == "propagate_context" || last.ident == "context_entry")
}

/// An attribute of ours.
pub(super) enum Own {
    Attribute(Ours),
    Skip,
}

pub(super) fn own_attribute(attrs: &[Attribute]) -> Option<Own> {
    attrs.iter().find_map(|attr| {
        if attr.path().is_ident("cfg_attr") {
            // Where it is compiled with the attribute, it is safe; where it is not, nobody asked.
            let text = attr.meta.to_token_stream().to_string();
            let named = text.contains("propagate_context") || text.contains("context_entry");
            return named.then(|| Own::Attribute(Ours::Propagate(String::new())));
        }
        if !is_ours(attr) {
            return None;
        }
        let arguments = match &attr.meta {
            Meta::List(list) => list.tokens.to_string(),
            _ => String::new(),
        };
        let is_entry = attr.path().segments.last()?.ident == "context_entry";
        Some(match &*arguments {
            "skip" => Own::Skip,
            _ if is_entry => Own::Attribute(Ours::Entry(arguments)),
            _ => Own::Attribute(Ours::Propagate(arguments)),
        })
    })
}

/// The path of an attribute, as it is written.
pub(super) fn path_of(attr: &Attribute) -> String {
    let segments = attr.path().segments.iter();
    let names: Vec<String> = segments.map(|segment| segment.ident.to_string()).collect();
    names.join("::")
}
