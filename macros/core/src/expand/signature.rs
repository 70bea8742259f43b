//! The signature of an async function: as a plain function that returns a future, and with its
//! arguments moved into that future in the order in which an async function drops them.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, Pat, Path, PathArguments, ReturnType, Signature, Token,
    Type, TypeParamBound,
};

use crate::expand::lints::quiet;
use crate::syntax::inert_attr::is_inert;
use crate::syntax::runtime_path::{Runtime, generated};

/// Turns `async fn f(..) -> T` into `fn f(..) -> impl Future<Output = T>`. Where that type is the
/// end of the signature: the place of the user's own last token.
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
    let span = generated(match &sig.output {
        ReturnType::Default => keyword.span,
        ReturnType::Type(_, ty) => ty.span(),
    });
    let (arrow, output) = match &sig.output {
        ReturnType::Default => (Token![->](span), quote_spanned!(span=> ())),
        ReturnType::Type(arrow, ty) => (*arrow, capturing_all(ty.to_token_stream())),
    };
    let future = quote_spanned!(span=> impl ::core::future::Future<Output = #output>);
    sig.output = ReturnType::Type(arrow, Box::new(Type::Verbatim(future)));
    sig.generics.where_clause.is_none().then_some(last)
}

/// Gives the user's `impl Trait` the rules of our edition, by which it captures each lifetime in
/// scope: so it does in an async function of any edition.
fn capturing_all(output: TokenStream) -> TokenStream {
    output
        .into_iter()
        .map(|tree| match tree {
            TokenTree::Group(group) => {
                let inner = capturing_all(group.stream());
                TokenTree::Group(crate::syntax::tokens::refill(&group, inner))
            }
            TokenTree::Ident(mut ident) if ident == "impl" => {
                ident.set_span(generated(ident.span()));
                TokenTree::Ident(ident)
            }
            other => other,
        })
        .collect()
}

/// Moves each argument into the block where the returned statements stand, renaming in the
/// signature those whose pattern is no plain name.
pub(crate) fn move_arguments(sig: &mut Signature) -> TokenStream {
    let mut moves = TokenStream::new();
    for (index, input) in sig.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => {
                // A mention captures it whole, though the body may use one field or none.
                let span = generated(receiver.self_token.span);
                let this = receiver.self_token;
                moves.extend(quote_spanned!(span=> let _ = &#this;));
            }
            FnArg::Typed(arg) => {
                let span = generated(arg.pat.span());
                let attrs = arg.attrs.iter().filter(|attr| is_inert(attr));
                let lints = quiet(&arg.pat, span);
                match &mut *arg.pat {
                    Pat::Ident(name) if name.by_ref.is_none() && name.subpat.is_none() => {
                        let mutability = name.mutability.take();
                        let name = &name.ident;
                        moves.extend(
                            quote_spanned!(span=> #(#attrs)* #lints let #mutability #name = #name;),
                        );
                    }
                    pat => {
                        let name = Ident::new(&format!("__arg{index}"), span);
                        let cfgs = arg.attrs.iter().filter(|attr| is_cfg(attr));
                        moves.extend(quote_spanned! {span=>
                            #(#cfgs)* let mut #name = #name;
                            #(#attrs)* #lints let #pat = #name;
                        });
                        *pat = Pat::Verbatim(name.into_token_stream());
                    }
                }
                // The signature's own names are always used, so lint levels are for the body; what is
                // not inert is for the macro that reads the signature.
                arg.attrs.retain(|attr| is_cfg(attr) || !is_inert(attr));
            }
        }
    }
    moves
}

/// Moves what the patterns of the signature bind, which stays as it is.
pub(crate) fn move_bindings(sig: &Signature) -> TokenStream {
    let mut moves = TokenStream::new();
    for input in &sig.inputs {
        let FnArg::Typed(arg) = input else { continue };
        let Pat::Ident(name) = &*arg.pat else {
            continue;
        };
        // Where the binding is `mut`, moving it would leave the `mut` of the signature unused.
        if name.by_ref.is_some() || name.mutability.is_some() || name.subpat.is_some() {
            continue;
        }
        let span = generated(name.ident.span());
        let attrs = arg.attrs.iter().filter(|attr| is_inert(attr));
        let lints = quiet(&arg.pat, span);
        let name = &name.ident;
        moves.extend(quote_spanned!(span=> #(#attrs)* #lints let #name = #name;));
    }
    moves
}

fn is_cfg(attr: &Attribute) -> bool {
    attr.path().is_ident("cfg")
}

/// A statement which never runs, and tells the type checker the type of the block that it is in:
/// so errors and coercions are where they are in a plain async function.
pub(crate) fn expected_output(sig: &Signature, runtime: &Runtime) -> TokenStream {
    match &sig.output {
        ReturnType::Default => {
            let span = generated(sig.ident.span());
            quote_spanned!(span=> if false { return; })
        }
        ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)) => TokenStream::new(),
        ReturnType::Type(_, ty) => {
            let span = generated(ty.span());
            let expected = runtime.private("type_hint", ty.span());
            let mut named = (**ty).clone();
            erase_impl_trait(&mut named);
            quote_spanned!(span=> if false { return #expected::<#named>(); })
        }
    }
}

/// Replaces each `impl Trait` by `_`.
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

    /// Such as `#[case]` of rstest, whose macro would not find it in the body.
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
