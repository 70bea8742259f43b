//! Changes the signature of an entry, and decides where the headers come from and what the entry returns.

use proc_macro2::{Ident, Span};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, Pat, Result, ReturnType, Token, Type, parse_quote_spanned};

use super::args::EntryArgs;
use super::check;
use super::wrapper::{Begin, Finish};
use crate::syntax::item::Function;
use crate::syntax::return_type;
use crate::syntax::runtime_path::{Place, generated, name};

/// Types that have headers, recognized by their last segment.
const WITH_HEADERS: &[&str] = &["HeaderMap", "HttpRequest", "Parts", "Request"];

/// Decides where the context comes from and what the entry returns, and changes the signature accordingly.
pub(super) fn prepare(function: &mut Function, args: &EntryArgs) -> Result<(Begin, Finish)> {
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
        check::request_is_async(&function.sig)?;
        if let Some((arrow, output)) = response(&function.sig.output) {
            check::http_response(output)?;
            let finish = Finish::HasResponseHeaders(Place {
                start: output.span(),
                names: arrow,
            });
            return Ok((Begin::Request(name), finish));
        }
        wrap_output(function, args);
        return Ok((Begin::Request(name), Finish::EntryOutput));
    }
    check::extractor(&function.sig)?;
    let request = wrap_extractor(function, args);
    wrap_output(function, args);
    Ok((Begin::Request(request), Finish::EntryOutput))
}

/// Returns the name of the argument that has headers, with the span of the colon after it.
fn argument_with_headers(function: &Function) -> Option<Ident> {
    function.sig.inputs.iter().find_map(|input| {
        let FnArg::Typed(arg) = input else {
            return None;
        };
        let mut name = match &*arg.pat {
            Pat::Ident(name) if name.subpat.is_none() => name.ident.clone(),
            _ => return None,
        };
        name.set_span(name.span().located_at(arg.colon_token.span));
        has_headers(&arg.ty).then_some(name)
    })
}

pub(super) fn has_headers(ty: &Type) -> bool {
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

/// Returns the return type if it is `Response<B>` or `Result<Response<B>, E>`, with the type of the body
/// written out, and the span of the arrow before it. Services that are not handlers of a framework have these
/// return types, and their callers name them.
fn response(output: &ReturnType) -> Option<(Span, &Type)> {
    let ReturnType::Type(arrow, ty) = output else {
        return None;
    };
    let is_one = is_response(ty) || argument_of(ty, "Result").is_some_and(is_response);
    is_one.then_some((arrow.spans[0], &**ty))
}

fn is_response(ty: &Type) -> bool {
    argument_of(ty, "Response").is_some()
}

/// Returns the `T` of a type that is written `name<T>`.
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

/// Turns `PAT: T` into `EntryExtractor { request: __request, value: PAT }: EntryExtractor<T>`. The number of
/// arguments stays the same, for code that calls the function.
fn wrap_extractor(function: &mut Function, args: &EntryArgs) -> Ident {
    let runtime = &args.common.runtime;
    let open = function.sig.paren_token.span.open();
    let request = Ident::new("__request", generated(open));
    if let Some(FnArg::Typed(first)) = function.sig.inputs.first_mut() {
        let at = Place {
            start: first.ty.span(),
            names: first.colon_token.span,
        };
        let span = generated(at.start);
        let extractor = runtime.private("EntryExtractor", at);
        let [request_field, value_field] = ["request", "value"].map(|field| name(field, at));
        let (pat, ty) = (&first.pat, &first.ty);
        let pat =
            quote_spanned!(span=> #extractor { #request_field: #request, #value_field: #pat });
        let ty = quote_spanned!(span=> #extractor<#ty>);
        *first.pat = Pat::Verbatim(pat);
        *first.ty = Type::Verbatim(ty);
    } else {
        let span = generated(open);
        let extractor = runtime.private("EntryExtractor", open);
        let nothing = runtime.private("NoArgument", open);
        let request_field = name("request", open);
        let argument: FnArg = parse_quote_spanned! {span=>
            #extractor { #request_field: #request, .. }: #extractor<#nothing>
        };
        function.sig.inputs.push(argument);
    }
    request
}

/// Turns `-> T` into `-> EntryOutput<T>`.
fn wrap_output(function: &mut Function, args: &EntryArgs) {
    let (arrow, output, at) = match &function.sig.output {
        ReturnType::Default => {
            let at = Place {
                start: function.sig.ident.span(),
                names: function.sig.paren_token.span.close(),
            };
            let span = generated(at.start);
            (Token![->](span), quote_spanned!(span=> ()), at)
        }
        ReturnType::Type(arrow, ty) => {
            let at = Place {
                start: ty.span(),
                names: arrow.spans[0],
            };
            (*arrow, ty.to_token_stream(), at)
        }
    };
    let name = args.common.runtime.private("EntryOutput", at);
    let span = generated(at.start);
    let ty = Type::Verbatim(quote_spanned!(span=> #name<#output>));
    function.sig.output = ReturnType::Type(arrow, Box::new(ty));
}
