//! The entry points of the macros in the copy. This file is included as text here, and compiled in the copy.

use proc_macro::{Span, TokenStream};
use propagate_context_macros_core::{self as core, mutants::expand};

#[proc_macro_attribute]
pub fn propagate_context(args: TokenStream, item: TokenStream) -> TokenStream {
    let file = Span::call_site().file();
    expand(&file, core::propagate_context, args.into(), item.into()).into()
}

#[proc_macro_attribute]
pub fn context_entry(args: TokenStream, item: TokenStream) -> TokenStream {
    let file = Span::call_site().file();
    expand(&file, core::context_entry, args.into(), item.into()).into()
}
