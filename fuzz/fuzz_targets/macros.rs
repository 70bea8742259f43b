//! Tokens as an item and as the arguments of an attribute: neither attribute panics on any of them.
//!
//! The input is a line of arguments and the item below it. `cargo +nightly fuzz run macros fuzz/corpus/macros
//! tests/parity/cases` begins with the functions that the parity tests annotate.
#![no_main]

use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;

fuzz_target!(|text: &str| {
    // The fallback of proc-macro2 recurses, unlike the lexer of rustc.
    if text.bytes().filter(|byte| b"([{".contains(byte)).count() > 64 {
        return;
    }
    let (args, item) = text.split_once('\n').unwrap_or(("", text));
    let (Ok(args), Ok(item)) = (args.parse::<TokenStream>(), item.parse::<TokenStream>()) else {
        return;
    };
    for expand in [
        propagate_context_macros_core::propagate_context,
        propagate_context_macros_core::context_entry,
    ] {
        let expanded = expand(args.clone(), item.clone());
        assert!(item.is_empty() || !expanded.is_empty(), "the item is gone");
    }
});
