//! Nests the user's function in the entry, for attributes below the entry that rewrite or wrap the function.
//!
//! ```text
//! #[context_entry] #[get("/{id}")] #[instrument(err)]
//! async fn show(Path(id): Path<u32>) -> Result<String, Error> { body }
//! ```
//! becomes the entry
//! ```text
//! #[get("/{id}")]
//! async fn show(__arg0: Path<u32>) -> Result<String, Error> {
//!     #[instrument(err)]
//!     async fn show(Path(id): Path<u32>) -> Result<String, Error> { body }
//!     show(__arg0).await
//! }
//! ```
//! These attributes see the user's parameters and return type, and the code that they add runs in the scope.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    FnArg, GenericParam, Pat, PatType, Result, ReturnType, Safety, Signature, Type, parse_quote,
};

use super::args::{EntryArgs, Generate};
use super::signature::has_headers;
use crate::args::Args;
use crate::expand::function::{self, ExpandOptions};
use crate::syntax::attr_role::AttrRole;
use crate::syntax::inert_attr::is_inert;
use crate::syntax::item::Function;
use crate::syntax::return_type::ReturnKind;
use crate::syntax::runtime_path::generated;
use crate::syntax::tokens::{braces, mentions};

/// Whether the user's function can be an item in the body of the entry, where it must be able to name
/// everything that it uses.
pub(super) fn is_possible(function: &Function, args: &EntryArgs) -> bool {
    let sig = &function.sig;
    let mentions_self =
        || mentions(sig.to_token_stream(), "Self") || mentions(function.body.stream(), "Self");
    let returns_never =
        matches!(&sig.output, ReturnType::Type(_, ty) if matches!(**ty, Type::Never(_)));
    let returns_future = sig.asyncness.is_none()
        && (ReturnKind::of(sig) != ReturnKind::Other || mentions(function.body.stream(), "async"));
    let can_be_called =
        matches!(sig.safety, Safety::Default) && sig.abi.is_none() && sig.variadic.is_none();
    can_be_called
        && !returns_never
        && !returns_future
        && sig.receiver().is_none()
        && !mentions_self()
        && !sig.inputs.iter().any(is_conditional)
        && (!has_expressions(args) || sig.inputs.iter().all(is_plain_name))
}

/// Whether the entry evaluates expressions over the arguments, which refer to the bindings of their patterns.
fn has_expressions(args: &EntryArgs) -> bool {
    let makes_id = matches!(args.generate, Some(Generate::Of(_)));
    makes_id || args.carrier.is_some() || !args.common.set.is_empty()
}

fn is_conditional(input: &FnArg) -> bool {
    let attrs = match input {
        FnArg::Receiver(receiver) => &receiver.attrs,
        FnArg::Typed(arg) => &arg.attrs,
    };
    attrs
        .iter()
        .any(|attr| attr.path().is_ident("cfg") || attr.path().is_ident("cfg_attr"))
}

fn is_plain_name(input: &FnArg) -> bool {
    matches!(input, FnArg::Typed(arg) if matches!(&*arg.pat, Pat::Ident(name) if name.subpat.is_none()))
}

/// Nests the user's function in `function`, which then calls it.
pub(super) fn nest(function: &mut Function, args: &EntryArgs) -> Result<()> {
    let registers = |attr| AttrRole::of(attr) == AttrRole::Registers;
    let is_registered = function.attrs.iter().any(registers);
    let mut sig = function.sig.clone();
    if is_registered {
        // These attributes are for the macro that registers the entry.
        retain_attrs(&mut sig, is_inert);
    }
    for input in &mut sig.inputs {
        if let FnArg::Typed(arg) = input {
            if is_read_by_entry(arg, args) {
                // The entry reads the argument, so the user's code need not.
                arg.attrs.push(parse_quote!(#[allow(unused_variables)]));
            }
        }
    }
    let is_inner = |role| matches!(role, AttrRole::Body | AttrRole::Lint);
    // An editor looks for the definition of a name among all tokens with its span.
    let keyword = sig.fn_token.span;
    sig.ident.set_span(sig.ident.span().located_at(keyword));
    let own_name = sig.ident.clone();
    let own = Function {
        attrs: function
            .attrs
            .iter()
            .filter(|attr| is_inner(AttrRole::of(attr)))
            .cloned()
            .collect(),
        qualifiers: TokenStream::new(),
        sig,
        end_of_signature: None,
        body: function.body.clone(),
        open: function.open,
    };
    let rewrite_only = Args {
        skip_fn: Some(function.sig.fn_token.span),
        ..args.common.clone()
    };
    let own = function::expand(own, &rewrite_only, &ExpandOptions::new(&rewrite_only))?;

    function.attrs.retain(|attr| {
        // A lint that is expected fires only in the user's function.
        AttrRole::of(attr) != AttrRole::Body && !attr.path().is_ident("expect")
    });
    retain_attrs(&mut function.sig, |attr| is_registered && !is_inert(attr));
    let keep_names = has_expressions(args);
    let mut arguments = Vec::new();
    for (index, input) in function.sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(arg) = input else { continue };
        let mut name = plain_name(&arg.pat, index, keep_names);
        name.set_span(name.span().located_at(arg.colon_token.span));
        *arg.pat = parse_quote!(#name);
        arguments.push(name);
    }
    let call = call(&own_name, &function.sig, &arguments);
    function.body = braces(
        quote_spanned!(generated(function.sig.ident.span())=> #own #call),
        function.body.span(),
    );
    Ok(())
}

/// Whether the entry takes the headers from this argument, or evaluates an expression over it.
fn is_read_by_entry(arg: &PatType, args: &EntryArgs) -> bool {
    let Pat::Ident(name) = &*arg.pat else {
        return false;
    };
    has_headers(&arg.ty) || mentions(args.common.written.clone(), &name.ident.to_string())
}

fn retain_attrs(sig: &mut Signature, keep: impl Fn(&syn::Attribute) -> bool) {
    for input in &mut sig.inputs {
        if let FnArg::Typed(arg) = input {
            arg.attrs.retain(&keep);
        }
    }
}

/// Returns a name for an argument of the entry. It is the user's name if possible, for readers of the signature
/// and for expressions that refer to it.
fn plain_name(pat: &Pat, index: usize, keep_names: bool) -> Ident {
    match pat {
        // Lints would report the use of a name that starts with an underscore.
        Pat::Ident(name)
            if name.subpat.is_none()
                && (keep_names || !name.ident.to_string().starts_with('_')) =>
        {
            name.ident.clone()
        }
        pat => Ident::new(&format!("__arg{index}"), generated(pat.span())),
    }
}

/// `show::<T>(a, __arg1).await`
fn call(name: &Ident, sig: &Signature, arguments: &[Ident]) -> TokenStream {
    let span = generated(sig.fn_token.span);
    let parameters: Vec<&Ident> = sig
        .generics
        .params
        .iter()
        .filter_map(|parameter| match parameter {
            GenericParam::Type(ty) => Some(&ty.ident),
            GenericParam::Const(constant) => Some(&constant.ident),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    let generics = (!parameters.is_empty()).then(|| quote_spanned!(span=> ::<#(#parameters),*>));
    let wait = sig.asyncness.map(|_| quote_spanned!(span=> .await));
    quote_spanned!(span=> #name #generics (#(#arguments),*) #wait)
}
