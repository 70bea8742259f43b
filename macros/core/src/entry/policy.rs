//! Generates the policy of an entry, as an expression.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Path;
use syn::spanned::Spanned;

use super::args::{EntryArgs, Generate, Required};
use crate::syntax::runtime_path::{Runtime, generated};

/// Generates `Entry::new().extract(..)..`.
pub(super) fn entry(args: &EntryArgs) -> TokenStream {
    let at = Span::call_site();
    let span = generated(at);
    let runtime = &args.common.runtime;
    let entry = runtime.private("Entry", at);
    let id = request_id(args);
    let mut tokens = quote_spanned!(span=> #entry::new().extract(#id));
    let all = matches!(args.required, Some(Required::All(_)));
    let required: &[Path] = match &args.required {
        Some(Required::These(paths)) => paths,
        _ => &[],
    };
    for variable in &args.vars {
        let is_required = all || required.iter().any(|path| is_same(path, variable));
        tokens.extend(extract(runtime, variable, is_required));
    }
    let unlisted = |path: &&Path| {
        !is_request_id(path) && !args.vars.iter().any(|variable| is_same(path, variable))
    };
    for variable in required.iter().filter(unlisted) {
        tokens.extend(extract(runtime, variable, true));
    }
    if !args.keeping.is_empty() {
        let kept = args.keeping.iter().map(|variable| {
            let span = generated(variable.span());
            quote_spanned!(span=> &#variable)
        });
        tokens.extend(quote_spanned!(span=> .keeping(&[#(#kept),*])));
    }
    if let Some(trust) = &args.trust {
        tokens.extend(quote_spanned!(span=> .trust(#trust)));
    }
    tokens
}

/// Generates `static __VARS: () = { assert_has_key(&VAR); .. };`, which is evaluated at compile time. It is not
/// a `const`, because a `const` must not read a variable.
pub(super) fn assert_keys(args: &EntryArgs) -> Option<TokenStream> {
    let required: &[Path] = match &args.required {
        Some(Required::These(paths)) => paths,
        _ => &[],
    };
    let variables = args
        .vars
        .iter()
        .chain(required)
        .filter(|path| !is_request_id(path) && path.segments[0].ident != "Self");
    let asserts: TokenStream = variables
        .map(|variable| {
            let at = variable.span();
            let span = generated(at);
            let assert = args.common.runtime.private("assert_has_key", at);
            quote_spanned!(span=> #assert(&#variable);)
        })
        .collect();
    let span = generated(Span::call_site());
    let name = Ident::new("__VARS", span);
    (!asserts.is_empty()).then(|| quote_spanned!(span=> static #name: () = { #asserts };))
}

fn extract(runtime: &Runtime, variable: &Path, required: bool) -> TokenStream {
    let at = variable.span();
    let span = generated(at);
    let inbound = runtime.private("Inbound", at);
    let required = required.then(|| quote_spanned!(span=> .required()));
    quote_spanned!(span=> .extract(#inbound::new(&#variable) #required))
}

fn is_same(one: &Path, other: &Path) -> bool {
    one.to_token_stream().to_string() == other.to_token_stream().to_string()
}

/// Compares the last segment, because the variable can be imported from several paths.
fn is_request_id(path: &Path) -> bool {
    path.segments
        .last()
        .is_some_and(|last| last.ident == "REQUEST_ID")
}

fn request_id(args: &EntryArgs) -> TokenStream {
    let at = args
        .header
        .first()
        .map_or_else(Span::call_site, syn::LitStr::span);
    let span = generated(at);
    let runtime = &args.common.runtime;
    let inbound = runtime.private("Inbound", at);
    let variable = runtime.private("REQUEST_ID", at);
    let id = runtime.private("RequestId", at);
    let mut tokens = quote_spanned!(span=> #inbound::new(&#variable));
    if !args.header.is_empty() {
        let names = &args.header;
        tokens.extend(quote_spanned!(span=> .headers([#(#names),*])));
    }
    match &args.generate {
        // An expression is evaluated for each call.
        Option::None | Some(Generate::Of(_)) => {}
        Some(Generate::UuidV4) => tokens.extend(quote_spanned!(span=> .generate(#id::new_v4))),
        Some(Generate::UuidV7) => tokens.extend(quote_spanned!(span=> .generate(#id::new_v7))),
        Some(Generate::None(_)) => tokens.extend(quote_spanned!(span=> .generate_none())),
        Some(Generate::By(path)) => {
            let span = generated(path.span());
            tokens.extend(quote_spanned!(span=> .generate(#path)));
        }
    }
    let is_required = match &args.required {
        Option::None => false,
        Some(Required::All(_)) => true,
        Some(Required::These(paths)) => paths.iter().any(is_request_id),
    };
    if is_required {
        tokens.extend(quote_spanned!(span=> .required()));
    }
    if let Some(echo) = &args.echo {
        tokens.extend(quote_spanned!(span=> .echo(#echo)));
    }
    tokens
}
