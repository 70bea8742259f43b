#![doc = include_str!("../README.md")]

use proc_macro::TokenStream;

#[doc = include_str!("attribute.md")]
#[proc_macro_attribute]
pub fn propagate_context(args: TokenStream, item: TokenStream) -> TokenStream {
    propagate_context_macros_core::propagate_context(args.into(), item.into()).into()
}

#[doc = include_str!("entry.md")]
#[proc_macro_attribute]
pub fn context_entry(args: TokenStream, item: TokenStream) -> TokenStream {
    propagate_context_macros_core::context_entry(args.into(), item.into()).into()
}
