#![doc = include_str!("../README.md")]

mod args;
mod check;
mod entry;
mod expand;
mod sites;
mod syntax;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{TokenStream, TokenTree};
use syn::Result;

use crate::args::Arguments;
use crate::expand::item;

#[doc = include_str!("attribute.md")]
#[proc_macro_attribute]
pub fn propagate_context(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    guarded(args.into(), item.into(), item::expand_item).into()
}

#[doc = include_str!("entry.md")]
#[proc_macro_attribute]
pub fn context_entry(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    guarded(args.into(), item.into(), entry::expand_item).into()
}

/// Expands, and keeps the item even where expanding fails: an item that goes missing is followed
/// by an error at each of its uses, and an editor that finds no item completes nothing.
fn guarded<A: Arguments>(
    args: TokenStream,
    item: TokenStream,
    expand_item: fn(&[TokenTree], &A) -> Result<TokenStream>,
) -> TokenStream {
    let kept = item.clone();
    let expand = || item::expand(args, item, expand_item);
    catch_unwind(AssertUnwindSafe(expand)).unwrap_or_else(|_| {
        let error = check::expansion_failed().into_compile_error();
        [sites::without_marks(kept), error].into_iter().collect()
    })
}
