//! Reads the attributes of this crate, and removes them from items.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token};

use super::imports::Imports;
use super::sites::Attribute as Ours;
use crate::source::unraw;

/// Returns an item without the attributes of this crate, and without any attributes.
pub(super) fn stripped<T: Clone + ToTokens>(
    item: &T,
    attrs: fn(&mut T) -> &mut Vec<Attribute>,
    imports: &Imports,
) -> (TokenStream, TokenStream) {
    let mut item = item.clone();
    attrs(&mut item).retain(|attr| our_name(attr.path(), imports).is_none());
    let bare = item.to_token_stream();
    attrs(&mut item).clear();
    (bare, item.into_token_stream())
}

/// Returns the name of an attribute of this crate, regardless of how it is imported.
fn our_name(path: &Path, imports: &Imports) -> Option<String> {
    let segments: Vec<String> = path.segments.iter().map(|s| unraw(&s.ident)).collect();
    let last = (*imports.whole(&segments).last()?).to_owned();
    (last == "propagate_context" || last == "context_entry").then_some(last)
}

/// An attribute of this crate.
pub(super) enum Own {
    Attribute(Ours),
    Skip,
}

pub(super) fn own_attribute(attrs: &[Attribute], imports: &Imports) -> Option<Own> {
    attrs.iter().find_map(|attr| own(&attr.meta, imports))
}

fn own(meta: &Meta, imports: &Imports) -> Option<Own> {
    if let Meta::List(list) = meta {
        if list.path.is_ident("cfg_attr") {
            // If the condition holds, the function is safe. The configuration without the attribute is not considered.
            let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
            let metas = metas.ok()?;
            return metas.iter().skip(1).find_map(|meta| own(meta, imports));
        }
    }
    let name = our_name(meta.path(), imports)?;
    let arguments = match meta {
        Meta::List(list) => list.tokens.to_string(),
        _ => String::new(),
    };
    Some(match &*arguments {
        "skip" => Own::Skip,
        _ if name == "context_entry" => Own::Attribute(Ours::Entry(arguments)),
        _ => Own::Attribute(Ours::Propagate(arguments)),
    })
}

/// Returns the path of an attribute as it is written.
pub(super) fn path_of(attr: &Attribute) -> String {
    let segments = attr.path().segments.iter();
    let names: Vec<String> = segments.map(|segment| unraw(&segment.ident)).collect();
    names.join("::")
}
