//! The signature of an async function: as a plain function that returns a future, and with its
//! arguments moved into that future in the order in which an async function drops them.

use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, Pat, Path, PathArguments, PathSegment, ReturnType,
    Signature, Token, Type, TypeParamBound,
};

use crate::inert::is_inert;
use crate::path::{Runtime, generated};

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
                TokenTree::Group(crate::tokens::refill(&group, inner))
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

/// It is we who bind a name to itself, and mention one that starts with an underscore.
fn quiet(pat: &Pat, span: Span) -> Option<TokenStream> {
    let Pat::Ident(name) = pat else {
        return None;
    };
    let is_underscored = name.ident.to_string().starts_with('_');
    let underscored = is_underscored.then(|| {
        quote_spanned! {span=>
            , clippy::used_underscore_binding, clippy::no_effect_underscore_binding
        }
    });
    Some(quote_spanned!(span=> #[allow(clippy::shadow_same #underscored)]))
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
            let expected = runtime.private("expected", ty.span());
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

/// What a function that is not async returns, as far as it matters here.
pub(crate) enum Returns {
    /// `impl Future` or `impl Stream`, of a type that only the body names.
    Opaque,
    /// `Pin<Box<dyn Future>>` or `Pin<Box<dyn Stream>>`, by itself or by the name that `futures` has
    /// for it.
    Boxed,
    /// Anything else.
    Other,
}

impl Returns {
    pub(crate) fn of(sig: &Signature) -> Self {
        match &sig.output {
            ReturnType::Type(_, ty) if is_opaque_future(ty) => Returns::Opaque,
            ReturnType::Type(_, ty) if is_boxed_future(ty) => Returns::Boxed,
            _ => Returns::Other,
        }
    }
}

fn is_boxed_future(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            path.path
                .segments
                .last()
                .is_some_and(|last| match last.ident.to_string().as_str() {
                    "BoxFuture" | "LocalBoxFuture" | "BoxStream" | "LocalBoxStream" => true,
                    "Pin" => first_argument(last)
                        .and_then(|boxed| match boxed {
                            Type::Path(boxed) => boxed.path.segments.last(),
                            _ => None,
                        })
                        .filter(|last| last.ident == "Box")
                        .and_then(first_argument)
                        .is_some_and(is_dyn_future),
                    _ => false,
                })
        }
        Type::Paren(paren) => is_boxed_future(&paren.elem),
        Type::Group(group) => is_boxed_future(&group.elem),
        _ => false,
    }
}

fn is_dyn_future(ty: &Type) -> bool {
    match ty {
        Type::TraitObject(object) => object
            .bounds
            .iter()
            .any(|bound| last_of_bound(bound).is_some_and(is_future)),
        Type::Paren(paren) => is_dyn_future(&paren.elem),
        Type::Group(group) => is_dyn_future(&group.elem),
        _ => false,
    }
}

fn is_future(name: &Ident) -> bool {
    name == "Future" || name == "Stream"
}

fn last_of_bound(bound: &TypeParamBound) -> Option<&Ident> {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().map(|last| &last.ident),
        _ => None,
    }
}

/// The first type among the generic arguments of a path's segment.
pub(crate) fn first_argument(segment: &PathSegment) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Whether our wrapper implements all that is promised about the type, and it is a future or a
/// stream.
fn is_opaque_future(ty: &Type) -> bool {
    let found = match ty {
        Type::ImplTrait(found) => found,
        Type::Paren(paren) => return is_opaque_future(&paren.elem),
        Type::Group(group) => return is_opaque_future(&group.elem),
        _ => return false,
    };
    let mut found_future = false;
    for bound in &found.bounds {
        let TypeParamBound::Trait(_) = bound else {
            continue;
        };
        let Some(name) = last_of_bound(bound) else {
            return false;
        };
        if is_future(name) {
            found_future = true;
        } else if !KEPT.iter().any(|kept| name == kept) {
            return false;
        }
    }
    found_future
}

/// Traits that our wrapper has where what it wraps has them.
const KEPT: &[&str] = &[
    "RefUnwindSafe",
    "Send",
    "Sized",
    "Sync",
    "Unpin",
    "UnwindSafe",
];

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
