#![doc = include_str!("../README.md")]

mod args;
mod check;
mod early;
mod entry;
mod frame;
mod function;
mod inert;
mod item;
mod path;
mod signature;
mod sites;
mod tail;
mod tokens;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::TokenStream;

#[doc = include_str!("attribute.md")]
#[proc_macro_attribute]
pub fn propagate_context(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    guarded(args.into(), item.into(), item::expand).into()
}

#[doc = include_str!("entry.md")]
#[proc_macro_attribute]
pub fn context_entry(
    args: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    guarded(args.into(), item.into(), entry::expand).into()
}

/// Expands, and keeps the item even where expanding fails: an item that goes missing is followed
/// by an error at each of its uses, and an editor that finds no item completes nothing.
fn guarded(
    args: TokenStream,
    item: TokenStream,
    expand: fn(TokenStream, TokenStream) -> TokenStream,
) -> TokenStream {
    let kept = item.clone();
    catch_unwind(AssertUnwindSafe(|| expand(args, item))).unwrap_or_else(|_| {
        let error = check::expansion_failed().into_compile_error();
        [sites::without_marks(kept), error].into_iter().collect()
    })
}
