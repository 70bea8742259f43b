//! `#[context_entry]`: a function that runs in a fresh scope, which starts from a carrier.
//!
//! ```text
//! async fn checkout(State(shop): State<Shop>) -> Result<Json<Order>, Error> { body }
//! ```
//! becomes
//! ```text
//! fn checkout(__inlet: Inlet, __arg0: State<Shop>) -> impl Future<Output = Outlet<Result<Json<Order>, Error>>> {
//!     async move {
//!         static __ENTRY: OnceLock<Entry> = OnceLock::new();
//!         let __inlet = __inlet;
//!         let State(shop) = __arg0;
//!         let __entry = __ENTRY.get_or_init(|| Entry::new().take(..));
//!         Opening::of_request(__entry, &__inlet, None).run(async move { body }).await
//!     }
//! }
//! ```
//! without `__inlet`, where an argument has headers or `carrier` names them, and without `EntryOutput`, where the function
//! returns an `http::Response` or handles no HTTP at all.

mod args;
mod check;
mod policy;
mod wrapper;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Pat, Result, ReturnType, Token, Type, parse_quote_spanned};

use self::args::EntryArgs;
use self::wrapper::{Begin, Entering, Finish};
use crate::expand::function::{self, ExpandOptions};
use crate::expand::signature;
use crate::syntax::item::{self, Function, Target};
use crate::syntax::return_type::{self, ReturnKind};
use crate::syntax::runtime_path::generated;

/// Types whose last segment says that they have headers.
const WITH_HEADERS: &[&str] = &["HeaderMap", "HttpRequest", "Parts", "Request"];

/// Expands `#[context_entry(args)] item`.
pub(crate) fn expand_item(trees: &[TokenTree], args: &EntryArgs) -> Result<TokenStream> {
    check::together(args)?;
    let mut function = match item::target(trees)? {
        Target::Function(function) => *function,
        Target::Declaration(name) => return Err(check::declaration(&name)),
        Target::Other(what, keyword) => return Err(check::wrong_target(&what, keyword)),
    };
    crate::check::single(&function.attrs, "context_entry")?;
    if let Some(keyword) = &function.sig.constness {
        return Err(check::const_fn(keyword.span));
    }
    let expected = signature::expected_output(&function.sig, &args.common.runtime);
    let is_stream = ReturnKind::of(&function.sig).is_stream();
    let (begin, finish) = prepare(&mut function, args)?;
    let plan = ExpandOptions {
        wrapper: Box::new(Entering::new(args, begin, finish, is_stream, expected)),
        keep_async: false,
        is_member: false,
    };
    function::expand(function, &args.common, &plan)
}

/// Decides where the headers come from and what becomes of the response, and changes the signature accordingly.
fn prepare(function: &mut Function, args: &EntryArgs) -> Result<(Begin, Finish)> {
    if args.layer.is_some() {
        return Ok((Begin::Layer(function.sig.ident.clone()), Finish::Value));
    }
    if let Some(carrier) = &args.carrier {
        if args.required.is_some() {
            check::required_message(&function.sig)?;
        }
        return Ok((Begin::Message(carrier.clone()), Finish::Value));
    }
    if let Some(name) = argument_with_headers(function) {
        if function.sig.asyncness.is_none() {
            return Err(check::not_async(&function.sig));
        }
        if let Some(output) = response(&function.sig.output) {
            return Ok((
                Begin::Request(name),
                Finish::HasResponseHeaders(output.span()),
            ));
        }
        wrap_output(function, args);
        return Ok((Begin::Request(name), Finish::EntryOutput));
    }
    check::hidden_extractor(&function.sig)?;
    let span = generated(function.sig.ident.span());
    let inlet = Ident::new("__inlet", span);
    let ty = args
        .common
        .runtime
        .private("EntryExtractor", function.sig.ident.span());
    let argument: FnArg = parse_quote_spanned!(span=> #inlet: #ty);
    function.sig.inputs.insert(0, argument);
    wrap_output(function, args);
    Ok((Begin::Request(inlet), Finish::EntryOutput))
}

fn argument_with_headers(function: &Function) -> Option<Ident> {
    function.sig.inputs.iter().find_map(|input| {
        let FnArg::Typed(arg) = input else {
            return None;
        };
        let Pat::Ident(name) = &*arg.pat else {
            return None;
        };
        (name.subpat.is_none() && has_headers(&arg.ty)).then(|| name.ident.clone())
    })
}

fn has_headers(ty: &Type) -> bool {
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.is_some_and(|last| WITH_HEADERS.iter().any(|name| last.ident == name))
        }
        Type::Reference(reference) => has_headers(&reference.elem),
        Type::Group(group) => has_headers(&group.elem),
        Type::Paren(paren) => has_headers(&paren.elem),
        _ => false,
    }
}

/// `Response<B>` or `Result<Response<B>, E>`, spelled with its body: what services return that are no handlers of a
/// framework, and whose type their callers name.
fn response(output: &ReturnType) -> Option<&Type> {
    let ReturnType::Type(_, ty) = output else {
        return None;
    };
    let is_one = is_response(ty) || argument_of(ty, "Result").is_some_and(is_response);
    is_one.then_some(ty)
}

fn is_response(ty: &Type) -> bool {
    argument_of(ty, "Response").is_some()
}

/// The `T` of a type that is spelled `name<T>`.
fn argument_of<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    match ty {
        Type::Path(path) => {
            let last = path.path.segments.last();
            last.filter(|last| last.ident == name)
                .and_then(return_type::first_argument)
        }
        Type::Group(group) => argument_of(&group.elem, name),
        Type::Paren(paren) => argument_of(&paren.elem, name),
        _ => None,
    }
}

/// `-> T` becomes `-> EntryOutput<T>`.
fn wrap_output(function: &mut Function, args: &EntryArgs) {
    let (arrow, output, at) = match &function.sig.output {
        ReturnType::Default => {
            let at = function.sig.ident.span();
            let span = generated(at);
            (Token![->](span), quote_spanned!(span=> ()), at)
        }
        ReturnType::Type(arrow, ty) => (*arrow, ty.to_token_stream(), ty.span()),
    };
    let outlet = args.common.runtime.private("EntryOutput", at);
    let span = generated(at);
    let wrapped = quote_spanned!(span=> #outlet<#output>);
    function.sig.output = ReturnType::Type(arrow, Box::new(Type::Verbatim(wrapped)));
}
