//! Reads the content of macros: items in the arguments of a call, and the body of a `macro_rules!`.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::spanned::Spanned;
use syn::{ImplItem, ItemImpl, ItemMacro};

use super::items::Reader;
use super::{Annotation, Function, body, sites};
use crate::modules::is_for_tests;
use crate::source::{range, unraw};

/// Returns the items in the tokens of a macro: either all tokens are items, or those in braces at any depth.
pub(super) fn items_in(tokens: &TokenStream) -> Vec<syn::File> {
    if let Ok(file) = syn::parse2::<syn::File>(tokens.clone()) {
        return vec![file];
    }
    let mut found = Vec::new();
    for tree in tokens.clone() {
        match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                found.extend(items_in(&group.stream()));
            }
            _ => {}
        }
    }
    found
}

/// Returns the members of an `impl` block that are arguments of a macro in it.
pub(super) fn members_in(tokens: &TokenStream) -> Vec<ImplItem> {
    let block = syn::parse2::<ItemImpl>(quote!(impl Owner { #tokens }));
    block.map(|block| block.items).unwrap_or_default()
}

impl Reader<'_> {
    pub(super) fn macro_rules(&mut self, item: &ItemMacro, name: &syn::Ident) {
        let at = range(item.span());
        self.index.functions.push(Function {
            name: unraw(name),
            owner: None,
            trait_name: None,
            module: self.module.clone(),
            package: self.package,
            file: self.file,
            arity: 0,
            has_self: false,
            is_macro: true,
            returns_future: false,
            returns: None,
            for_tests: self.for_tests || is_for_tests(&item.attrs),
            annotation: Annotation::None,
            attributes: Vec::new(),
            entry: None,
            name_at: range(name.span()),
            insert_at: at.start,
            item: at,
            body: body::read_tokens(item.mac.tokens.clone()),
            sites: sites::of_tokens(&item.mac.tokens),
            attribute_arguments: String::new(),
            skipped: Vec::new(),
            cannot: None,
            is_wrapper: false,
            takes_handler: false,
        });
    }
}
