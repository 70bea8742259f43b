//! Turns the signature of an async function into that of a function that returns a future, and moves the
//! arguments into that future in the order in which an async function drops them.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, GenericParam, Lifetime, LifetimeParam, Pat, PatIdent, Path,
    PathArguments, ReturnType, Signature, Token, Type, TypeParamBound,
};

use crate::expand::lints::quiet;
use crate::syntax::inert_attr::is_inert;
use crate::syntax::runtime_path::{Runtime, generated, name};
use crate::syntax::tokens::{is_ident, is_punct, mentions, refill, with_span};

/// Turns `async fn f(..) -> T` into `fn f(..) -> impl Future<Output = T>`. If the signature ends with that
/// type, returns the span of the user's last token.
pub(crate) fn return_future(sig: &mut Signature) -> Option<Span> {
    let keyword = sig.asyncness.take()?;
    let last = match &sig.output {
        ReturnType::Default => sig.paren_token.span.close(),
        ReturnType::Type(_, ty) => ty
            .to_token_stream()
            .into_iter()
            .last()
            .map_or(keyword.span, |last| last.span()),
    };
    name_elided_lifetimes(sig);
    // Errors are reported where the output type begins. The generated names get another span, because an editor
    // looks up the names at a span.
    let (at, names) = match &sig.output {
        ReturnType::Default => (keyword.span, keyword.span),
        ReturnType::Type(arrow, ty) => (ty.span(), arrow.spans[0]),
    };
    let span = generated(at);
    let [core, module, future, output_name] =
        ["core", "future", "Future", "Output"].map(|text| name(text, names));
    let (arrow, output) = match &sig.output {
        ReturnType::Default => (Token![->](span), quote_spanned!(span=> ())),
        ReturnType::Type(arrow, ty) => (*arrow, ty.to_token_stream()),
    };
    let future = quote_spanned!(span=> impl ::#core::#module::#future<#output_name = #output>);
    sig.output = ReturnType::Type(arrow, Box::new(Type::Verbatim(future)));
    sig.generics.where_clause.is_none().then_some(last)
}

/// Whether an async function returns an `impl Fn`, possibly inside another type.
pub(crate) fn returns_closure(sig: &Signature) -> bool {
    let ReturnType::Type(_, ty) = &sig.output else {
        return false;
    };
    let tokens = ty.to_token_stream();
    let is_function = |name: &&str| mentions(tokens.clone(), name);
    mentions(tokens.clone(), "impl") && ["Fn", "FnMut", "FnOnce"].iter().any(is_function)
}

/// Names the lifetimes that are elided in the `impl Trait` of arguments, which is only allowed in async functions.
fn name_elided_lifetimes(sig: &mut Signature) {
    let mut names = Vec::new();
    for input in &mut sig.inputs {
        let FnArg::Typed(arg) = input else { continue };
        let tokens = arg.ty.to_token_stream();
        if !mentions(tokens.clone(), "impl") {
            continue;
        }
        let before = names.len();
        let complete = with_lifetimes(tokens, false, &mut names);
        if names.len() > before {
            *arg.ty = Type::Verbatim(complete);
        }
    }
    for (index, name) in names.into_iter().enumerate() {
        let parameter = GenericParam::Lifetime(LifetimeParam::new(name));
        sig.generics.params.insert(index, parameter);
    }
    if !sig.generics.params.is_empty() {
        let span = generated(sig.paren_token.span.open());
        sig.generics.lt_token.get_or_insert(Token![<](span));
        sig.generics.gt_token.get_or_insert(Token![>](span));
    }
}

/// Returns the tokens of a type, with a name for each lifetime that is elided after an `impl`.
fn with_lifetimes(
    tokens: TokenStream,
    mut in_impl: bool,
    names: &mut Vec<Lifetime>,
) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut out = TokenStream::new();
    for (index, tree) in trees.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| trees.get(index));
        match tree {
            // The lifetimes in the arguments of a function type are bound by that type.
            TokenTree::Group(group) if !is_function(before) => {
                let content = with_lifetimes(group.stream(), in_impl, names);
                out.extend([TokenTree::Group(refill(group, content))]);
            }
            TokenTree::Ident(ident) if in_impl && ident == "_" && is_punct(before, '\'') => {
                // The apostrophe has been copied already.
                let name = elided(names, ident.span());
                out.extend([TokenTree::Ident(name.ident)]);
            }
            TokenTree::Punct(punct)
                if in_impl && punct.as_char() == '&' && !is_punct(trees.get(index + 1), '\'') =>
            {
                out.extend([tree.clone()]);
                elided(names, punct.span()).to_tokens(&mut out);
            }
            other => {
                in_impl |= is_ident(Some(other), "impl");
                out.extend([other.clone()]);
            }
        }
    }
    out
}

fn elided(names: &mut Vec<Lifetime>, at: Span) -> Lifetime {
    let name = Lifetime::new(&format!("'__elided{}", names.len()), generated(at));
    names.push(name.clone());
    name
}

fn is_function(before: Option<&TokenTree>) -> bool {
    [
        "fn",
        "Fn",
        "FnMut",
        "FnOnce",
        "AsyncFn",
        "AsyncFnMut",
        "AsyncFnOnce",
    ]
    .iter()
    .any(|name| is_ident(before, name))
}

/// Returns the statements that move each argument into a block, and renames the arguments in the signature whose pattern is
/// not a plain name.
pub(crate) fn move_arguments(sig: &mut Signature) -> TokenStream {
    let mut moves = TokenStream::new();
    let open = sig.paren_token.span.open();
    for (index, input) in sig.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                // Captures `self` as a whole, even if the body uses only one field or none.
                let span = generated(receiver.self_token.span);
                let this = with_span(receiver.self_token.to_token_stream(), open);
                moves.extend(quote_spanned!(span=> let _ = &#this;));
            }
            FnArg::Typed(arg) => {
                let names = arg.colon_token.span;
                let span = generated(names);
                let attrs = arg.attrs.iter().filter(|attr| is_inert(attr));
                let lints = quiet(&arg.pat, generated(names));
                match &mut *arg.pat {
                    Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
                        let mutability = name.mutability.take();
                        // The compiler reports an assignment that is never read at the start of the parameter.
                        let value = mutability.map_or(names, |mutability| mutability.span);
                        let outer = with_span(name.ident.to_token_stream(), value);
                        let bound = &name.ident;
                        moves.extend(
                            quote_spanned!(span=> #(#attrs)* #lints let #mutability #bound = #outer;),
                        );
                    }
                    pat => {
                        let name = Ident::new(&format!("__arg{index}"), generated(names));
                        let cfgs = arg.attrs.iter().filter(|attr| is_cfg(attr));
                        moves.extend(quote_spanned!(span=> #(#cfgs)* let mut #name = #name;));
                        moves.extend(match &*pat {
                            Pat::Ident(bound) if bound.by_ref.is_some() => {
                                let statement = by_ref(bound, &name, names);
                                quote_spanned!(span=> #(#attrs)* #lints #statement)
                            }
                            _ => quote_spanned!(span=> #(#attrs)* #lints let #pat = #name;),
                        });
                        *pat = Pat::Verbatim(name.into_token_stream());
                    }
                }
                // The names in the signature are always used, so lint levels belong to the body. Attributes
                // that are not inert belong to the macro that reads the signature.
                arg.attrs.retain(|attr| is_cfg(attr) || !is_inert(attr));
            }
        }
    }
    moves
}

/// Generates `let ref a = identity(__arg);` with the span of the parameter `ref a`, so that clippy reports the
/// statement as it would report the parameter.
fn by_ref(bound: &PatIdent, value: &Ident, end: Span) -> TokenStream {
    let start = bound.by_ref.map_or(end, |keyword| keyword.span);
    let mut arguments = Group::new(Delimiter::Parenthesis, value.to_token_stream());
    arguments.set_span(bound.ident.span());
    let arguments = TokenTree::Group(arguments);
    let end = Token![;](end);
    quote_spanned!(start=> let #bound = ::core::convert::identity #arguments #end)
}

/// Returns the statements that move the bindings of the signature into a block. The signature stays unchanged.
pub(crate) fn move_bindings(sig: &Signature) -> TokenStream {
    let mut moves = TokenStream::new();
    for input in &sig.inputs {
        let FnArg::Typed(arg) = input else { continue };
        let Pat::Ident(name) = &*arg.pat else {
            continue;
        };
        // If the binding is `mut`, moving it would make the `mut` in the signature unused.
        if name.by_ref.is_some() || name.mutability.is_some() || name.subpat.is_some() {
            continue;
        }
        let span = generated(arg.colon_token.span);
        let attrs = arg.attrs.iter().filter(|attr| is_inert(attr));
        let lints = quiet(&arg.pat, generated(arg.colon_token.span));
        let bound = &name.ident;
        let outer = with_span(bound.to_token_stream(), arg.colon_token.span);
        moves.extend(quote_spanned!(span=> #(#attrs)* #lints let #bound = #outer;));
    }
    moves
}

fn is_cfg(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg")
}

/// Returns a statement that never runs. It tells the type checker the type of the enclosing block, so that
/// errors and coercions occur where they do in a plain async function.
pub(crate) fn expected_output(sig: &Signature, runtime: &Runtime) -> TokenStream {
    match &sig.output {
        ReturnType::Default => {
            let span = generated(sig.paren_token.span.close());
            quote_spanned!(span=> if false { return; })
        }
        ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => TokenStream::new(),
        ReturnType::Type(arrow, ty) => {
            let at = arrow.spans[0];
            let span = generated(at);
            let expected = runtime.private("type_hint", at);
            let mut named = (**ty).clone();
            erase_impl_trait(&mut named);
            let mut named = named.to_token_stream();
            if !NAMED_LIFETIMES
                .iter()
                .any(|word| mentions(named.clone(), word))
            {
                for lifetime in sig.generics.lifetimes() {
                    named = without_lifetime(named, &lifetime.lifetime.ident);
                }
            }
            quote_spanned!(span=> if false { return #expected::<#named>(); })
        }
    }
}

/// Keywords of types in which `'_` may be an error.
const NAMED_LIFETIMES: &[&str] = &["dyn", "fn", "for", "impl"];

/// Returns the tokens of a type, with `'_` in place of `lifetime`. If the body mentioned the lifetime, clippy
/// would not suggest eliding it.
fn without_lifetime(tokens: TokenStream, lifetime: &Ident) -> TokenStream {
    let mut after_apostrophe = false;
    let each = tokens.into_iter().map(|tree| {
        let is_name = std::mem::replace(&mut after_apostrophe, is_punct(Some(&tree), '\''));
        match tree {
            TokenTree::Group(group) => {
                TokenTree::Group(refill(&group, without_lifetime(group.stream(), lifetime)))
            }
            TokenTree::Ident(name) if is_name && name == *lifetime => {
                TokenTree::Ident(Ident::new("_", name.span()))
            }
            other => other,
        }
    });
    each.collect()
}

/// Replaces each `impl Trait` with `_`.
fn erase_impl_trait(ty: &mut Type) {
    match ty {
        Type::ImplTrait(found) => {
            let span = found.impl_token.span;
            *ty = Type::Infer(syn::TypeInfer {
                attrs: Vec::new(),
                underscore_token: Token![_](span),
            });
        }
        Type::Array(array) => erase_impl_trait(&mut array.elem),
        Type::Group(group) => erase_impl_trait(&mut group.elem),
        Type::Paren(paren) => erase_impl_trait(&mut paren.elem),
        Type::Ptr(pointer) => erase_impl_trait(&mut pointer.elem),
        Type::Reference(reference) => erase_impl_trait(&mut reference.elem),
        Type::Slice(slice) => erase_impl_trait(&mut slice.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(erase_impl_trait),
        Type::Path(path) => erase_in_path(&mut path.path),
        Type::TraitObject(object) => {
            for bound in &mut object.bounds {
                if let TypeParamBound::Trait(bound) = bound {
                    erase_in_path(&mut bound.path);
                }
            }
        }
        _ => {}
    }
}

fn erase_in_path(path: &mut Path) {
    for segment in &mut path.segments {
        let PathArguments::AngleBracketed(arguments) = &mut segment.arguments else {
            continue;
        };
        for argument in &mut arguments.args {
            match argument {
                GenericArgument::Type(ty) => erase_impl_trait(ty),
                GenericArgument::AssocType(assoc) => erase_impl_trait(&mut assoc.ty),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An example is `#[case]` of rstest, which its macro would not find in the body.
    #[test]
    fn attributes_for_a_macro_below_stay_in_the_signature() {
        let sig: Signature = syn::parse_quote! {
            async fn f(#[case] #[allow(unused)] n: u32, #[case] (a, b): (u32, u32))
        };
        assert!(!move_bindings(&sig).to_string().contains("case"));

        let mut moved = sig.clone();
        assert!(!move_arguments(&mut moved).to_string().contains("case"));
        let text = moved.to_token_stream().to_string();
        assert_eq!(text.matches("case").count(), 2, "{text}");
        assert!(!text.contains("allow"), "{text}");
    }
}
