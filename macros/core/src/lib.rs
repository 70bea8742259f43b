#![doc = include_str!("../README.md")]

mod args;
mod check;
mod entry;
mod error;
mod expand;
#[doc(hidden)]
pub mod record;
mod sites;
mod syntax;

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{TokenStream, TokenTree};
use syn::Result;

use crate::args::Arguments;
use crate::expand::item;

/// Expands `#[propagate_context(args)]` on `item`.
#[must_use]
pub fn propagate_context(args: TokenStream, item: TokenStream) -> TokenStream {
    guarded("propagate_context", args, item, item::expand_item)
}

/// Expands `#[context_entry(args)]` on `item`.
#[must_use]
pub fn context_entry(args: TokenStream, item: TokenStream) -> TokenStream {
    guarded("context_entry", args, item, entry::expand_item)
}

/// Expands the attribute, and keeps the item even if the expansion fails. Without the item, each of its uses
/// would be a further error, and an editor could not complete code that uses it.
fn guarded<A: Arguments>(
    attribute: &str,
    args: TokenStream,
    item: TokenStream,
    expand_item: fn(&[TokenTree], &A) -> Result<TokenStream>,
) -> TokenStream {
    let kept = item.clone();
    let expand = || item::expand(args, item, expand_item);
    catch_unwind(AssertUnwindSafe(expand)).unwrap_or_else(|payload| {
        let error = error::internal(attribute, &*payload).into_compile_error();
        [sites::without_body_attrs(kept), error]
            .into_iter()
            .collect()
    })
}
