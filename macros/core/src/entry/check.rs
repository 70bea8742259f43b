//! Every rule about `#[context_entry]`, and every error text.

use proc_macro2::{Ident, Span};
use syn::spanned::Spanned;
use syn::{Error, FnArg, Path, Result, ReturnType, Signature, Type};

use super::args::{EntryArgs, Generate, Required};
use crate::syntax::return_type::ReturnKind;

/// The arguments, as an error lists them.
const KNOWN: &str = "`header = \"name\"`, `vars = [VAR, ..]`, `generate = ..`, `required`, `echo = false`, \
    `trust = false`, `carrier = expr`, `layer`, `crate = path`, `spawn(path, ..)`, `spawn_blocking(path, ..)`, \
    `set(VAR = expr, ..)` and `span`";

/// How many extractors a handler of axum may have.
const MAX_EXTRACTORS: usize = 16;

// Arguments.

pub(super) fn unknown_argument(name: &Ident) -> Error {
    Error::new(
        name.span(),
        format!("unknown argument `{name}`: there are {KNOWN}"),
    )
}

pub(super) fn expected_argument(span: Span) -> Error {
    Error::new(
        span,
        format!("expected the name of an argument: there are {KNOWN}"),
    )
}

pub(super) fn not_of_an_entry(name: &Ident) -> Error {
    let text = format!(
        "`{name}` does not go with an entry, which opens a scope of its own: use `#[propagate_context({name})]`"
    );
    Error::new(name.span(), text)
}

pub(super) fn header_wants_names(span: Span) -> Error {
    let text = "`header` wants names: write `header = \"X-Request-ID\"`, or `header = [\"X-Request-ID\", ..]` for \
        several in order";
    Error::new(span, text)
}

/// Whether `name` can be the name of a header.
pub(super) fn header_name(name: &str) -> std::result::Result<(), String> {
    let odd = name
        .chars()
        .find(|c| !(c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(*c)));
    match odd {
        _ if name.is_empty() => {
            Err("the name of a header is not empty: write `\"X-Request-ID\"`".to_owned())
        }
        Some(odd) => Err(format!(
            "`{}` cannot stand in the name of a header: use letters, digits and `-`",
            odd.escape_debug()
        )),
        None => Ok(()),
    }
}

pub(super) fn wants_variables(name: &Ident, span: Span) -> Error {
    Error::new(
        span,
        format!("`{name}` wants a list of variables: write `{name} = [VAR, ..]`"),
    )
}

pub(super) fn generate_wants(span: Span) -> Error {
    let text = "`generate` wants `uuid_v4`, `uuid_v7`, `none`, the path of a `fn() -> RequestId`, or an expression \
        over the arguments that makes a `RequestId`";
    Error::new(span, text)
}

pub(super) fn wants_bool(name: &Ident, span: Span) -> Error {
    Error::new(
        span,
        format!("`{name}` is on unless it is turned off: write `{name} = false`"),
    )
}

pub(super) fn carrier_wants_expression(span: Span) -> Error {
    let text =
        "`carrier` wants an expression over the arguments: write `carrier = message.headers`";
    Error::new(span, text)
}

/// What holds between the arguments.
pub(super) fn together(args: &EntryArgs) -> Result<()> {
    if let Some(layer) = args.layer {
        if let Some(policy) = &args.policy {
            let text = format!(
                "with `layer` the layer says what is taken: move `{policy}` there, or remove `layer`"
            );
            return Err(Error::new(policy.span(), text));
        }
        if args.carrier.is_some() {
            let text = "`layer` reads nothing, `carrier` does: remove one of them";
            return Err(Error::new(layer, text));
        }
    }
    if let (Some(required), Some(trust)) = (&args.required, &args.trust) {
        if !trust.value {
            let text = "nothing is read with `trust = false`, so nothing can be `required`: remove one of them";
            return Err(Error::new(required.span(), text));
        }
    }
    if let (Some(Required::All(_)), Some(Generate::None(none))) = (&args.required, &args.generate) {
        let text = "nothing is made where the id is `required`: remove `generate`";
        return Err(Error::new(*none, text));
    }
    Ok(())
}

/// What holds for an entry that is no request, where something is required.
pub(super) fn required_message(sig: &Signature) -> Result<()> {
    let last = match &sig.output {
        _ if ReturnKind::of(sig).is_stream() => None,
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => match &**ty {
            Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
            _ => return Ok(()),
        },
    };
    // Aliases of `Result`, and the boxed futures of methods that `#[async_trait]` has expanded.
    let fits =
        |name: &String| name.ends_with("Result") || name == "Pin" || name.ends_with("Future");
    if last.as_ref().is_some_and(fits) {
        return Ok(());
    }
    let span = match &sig.output {
        ReturnType::Default => sig.ident.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let text = "with `required` a message without the value is the error that the function returns: return a \
        `Result<_, E>` where `E: From<propagate_context::entry::MissingValue>`";
    Err(Error::new(span, text))
}

impl Required {
    fn span(&self) -> Span {
        match self {
            Required::All(span) => *span,
            Required::These(variables) => {
                variables.first().map_or_else(Span::call_site, Path::span)
            }
        }
    }
}

// Targets.

pub(super) fn wrong_target(what: &str, keyword: Span) -> Error {
    let text = format!(
        "`#[context_entry]` goes on a function that handles a request, a message or a job, not on {what}: put it \
         on the handlers"
    );
    Error::new(keyword, text)
}

pub(super) fn declaration(name: &Ident) -> Error {
    let text = "`#[context_entry]` goes on a function with a body: put it on the implementation";
    Error::new(name.span(), text)
}

pub(super) fn const_fn(keyword: Span) -> Error {
    Error::new(
        keyword,
        "a `const fn` handles no request: remove `const`, or the attribute",
    )
}

/// What holds for a handler that gets a hidden first extractor.
pub(super) fn hidden_extractor(sig: &Signature) -> Result<()> {
    if sig.asyncness.is_none() {
        let text = "`#[context_entry]` finds no headers among the arguments of this function: name them with \
            `carrier = ..`, or make it an `async fn` handler";
        return Err(Error::new(sig.fn_token.span, text));
    }
    if let Some(FnArg::Receiver(receiver)) = sig.inputs.first() {
        let text = "`#[context_entry]` finds no headers among the arguments of this method, and a method with `self` \
            is no handler that could get them from its framework: name them with `carrier = ..`";
        return Err(Error::new(receiver.self_token.span, text));
    }
    if let Some(last) = sig.inputs.iter().nth(MAX_EXTRACTORS - 1) {
        let text = "`#[context_entry]` adds a hidden extractor, and with this one they are more than the 16 that a \
            handler may have: take the headers as an argument `headers: HeaderMap`, or use \
            `#[context_entry(layer)]` behind a `ContextLayer`";
        return Err(Error::new(last.span(), text));
    }
    Ok(())
}

/// What holds for a function that is not async, where the headers are among its arguments.
pub(super) fn not_async(sig: &Signature) -> Error {
    let text = "a function that is not async says where its headers are: write `carrier = ..`, or make it an `async fn`";
    Error::new(sig.fn_token.span, text)
}
