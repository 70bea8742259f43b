//! Moves attributes that must see the function as the user wrote it above this attribute, so that they are
//! expanded first.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Attribute;

use crate::args::{Args, EXPAND_HERE};
use crate::record;
use crate::sites::{self, Sites};
use crate::syntax::inert_attr::is_inert;
use crate::syntax::item::Function;
use crate::syntax::runtime_path::generated;

/// ```text
/// #[ours(args)] #[first] #[rest] fn f() { body }
/// ```
/// becomes
/// ```text
/// #[first] #[ours(__expand_here, args)] #[rest] fn f() { body }
/// ```
/// The argument says that the function must be expanded in the next step, whether or not `first` has removed
/// itself.
pub(crate) fn expand_after(
    function: &Function,
    ours: &str,
    args: &Args,
    is_first: impl Fn(&Attribute) -> bool,
) -> TokenStream {
    if record::is_on() {
        // A tool expands the function only once, so the sites must be recorded now.
        let _ = sites::rewrite(&Sites::new(args), function.body.stream());
    }
    let span = generated(Span::call_site());
    let ours = args.runtime.attribute(ours, span);
    let here = Ident::new(EXPAND_HERE, span);
    let written = &args.written;
    let ours = quote_spanned!(span=> #[#ours(#here, #written)]);
    let (first, rest): (Vec<&Attribute>, Vec<_>) = function
        .attrs
        .iter()
        .partition(|attr| is_inert(attr) || is_first(attr));
    let mut tokens = TokenStream::new();
    for attr in first {
        attr.to_tokens(&mut tokens);
    }
    tokens.extend(ours);
    for attr in rest {
        attr.to_tokens(&mut tokens);
    }
    function.qualifiers.to_tokens(&mut tokens);
    function.sig.to_tokens(&mut tokens);
    function.body.to_tokens(&mut tokens);
    tokens
}
