//! The arguments of `#[context_entry(..)]`.

use proc_macro2::Span;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Ident, LitBool, LitStr, Path, Result, Token, bracketed};

use super::check;
use crate::args::{Args, Arguments};

/// What stands in `#[context_entry(..)]`.
#[derive(Default)]
pub(crate) struct EntryArgs {
    /// What `#[propagate_context]` has as well.
    pub(super) common: Args,
    /// The headers of the request id, in lower case.
    pub(super) header: Vec<LitStr>,
    pub(super) vars: Vec<Path>,
    pub(super) generate: Option<Generate>,
    pub(super) required: Option<Required>,
    pub(super) echo: Option<LitBool>,
    pub(super) trust: Option<LitBool>,
    pub(super) carrier: Option<Expr>,
    pub(super) layer: Option<Span>,
    /// The first argument that says what the entry takes, for rules about all of these.
    pub(super) policy: Option<Ident>,
}

/// What makes an id where none came.
pub(super) enum Generate {
    UuidV4,
    UuidV7,
    /// A function, which knows nothing of the call.
    By(Path),
    /// An expression over the arguments.
    Of(Expr),
    None(Span),
}

/// What has to come.
pub(super) enum Required {
    /// The id and all of `vars`.
    All(Span),
    These(Vec<Path>),
}

impl Arguments for EntryArgs {
    fn fill_one(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(Token![crate]) {
            return self.common.fill_one(input);
        }
        let ahead = input.fork();
        let name: Ident = ahead
            .parse()
            .map_err(|error| check::expected_argument(error.span()))?;
        let text = name.to_string();
        match text.as_str() {
            "spawn" | "spawn_blocking" | "set" | "span" => return self.common.fill_one(input),
            "detached" | "skip_fn" | "skip" => return Err(check::not_of_an_entry(&name)),
            _ => {}
        }
        input.parse::<Ident>()?;
        match text.as_str() {
            "header" => {
                crate::args::once(!self.header.is_empty(), "header", name.span())?;
                self.header = headers(input, &name)?;
            }
            "vars" => {
                crate::args::once(!self.vars.is_empty(), "vars", name.span())?;
                self.vars = variables(input, &name)?;
            }
            "generate" => {
                crate::args::once(self.generate.is_some(), "generate", name.span())?;
                self.generate = Some(generate(input, &name)?);
            }
            "required" => {
                crate::args::once(self.required.is_some(), "required", name.span())?;
                self.required = Some(required(input, &name)?);
            }
            "echo" => switch(&mut self.echo, input, &name)?,
            "trust" => switch(&mut self.trust, input, &name)?,
            "carrier" => {
                crate::args::once(self.carrier.is_some(), "carrier", name.span())?;
                self.carrier = Some(carrier(input, &name)?);
            }
            "layer" => {
                crate::args::once(self.layer.is_some(), "layer", name.span())?;
                if !input.is_empty() && !input.peek(Token![,]) {
                    return Err(crate::error::takes_no_value("layer", input.span()));
                }
                self.layer = Some(name.span());
            }
            _ => return Err(check::unknown_argument(&name)),
        }
        if !matches!(text.as_str(), "carrier" | "layer") {
            self.policy.get_or_insert(name);
        }
        Ok(())
    }
}

/// `= "name"` or `= ["name", ..]`
fn headers(input: ParseStream<'_>, name: &Ident) -> Result<Vec<LitStr>> {
    let wanted = |_| check::header_wants_names(name.span());
    input.parse::<Token![=]>().map_err(wanted)?;
    let found = if input.peek(syn::token::Bracket) {
        let content;
        bracketed!(content in input);
        Punctuated::<LitStr, Token![,]>::parse_terminated(&content)
            .map_err(|error| check::header_wants_names(error.span()))?
            .into_iter()
            .collect()
    } else {
        let header: LitStr = input
            .parse()
            .map_err(|error| check::header_wants_names(error.span()))?;
        vec![header]
    };
    if found.is_empty() {
        return Err(check::header_wants_names(name.span()));
    }
    found.iter().map(header).collect()
}

/// The name in lower case, as HTTP/2 and the header map have it.
fn header(literal: &LitStr) -> Result<LitStr> {
    let name = literal.value();
    match check::header_name(&name) {
        Ok(()) => Ok(LitStr::new(&name.to_ascii_lowercase(), literal.span())),
        Err(text) => Err(syn::Error::new(literal.span(), text)),
    }
}

/// `= [VAR, ..]`
fn variables(input: ParseStream<'_>, name: &Ident) -> Result<Vec<Path>> {
    let wanted = |span| check::wants_variables(name, span);
    input
        .parse::<Token![=]>()
        .map_err(|error| wanted(error.span()))?;
    if !input.peek(syn::token::Bracket) {
        return Err(wanted(input.span()));
    }
    let content;
    bracketed!(content in input);
    let found = Punctuated::<Path, Token![,]>::parse_terminated(&content)
        .map_err(|error| wanted(error.span()))?;
    if found.is_empty() {
        return Err(wanted(name.span()));
    }
    Ok(found.into_iter().collect())
}

fn generate(input: ParseStream<'_>, name: &Ident) -> Result<Generate> {
    input
        .parse::<Token![=]>()
        .map_err(|_| check::generate_wants(name.span()))?;
    let wanted = |span| check::generate_wants(span);
    let expr = Expr::parse(input).map_err(|error| wanted(error.span()))?;
    let path = match expr {
        Expr::Path(path) if path.qself.is_none() => path.path,
        Expr::Lit(literal) => return Err(wanted(literal.span())),
        expr => return Ok(Generate::Of(expr)),
    };
    let word = path.get_ident().map(ToString::to_string);
    Ok(match word.as_deref() {
        Some("uuid_v4") => Generate::UuidV4,
        Some("uuid_v7") => Generate::UuidV7,
        Some("none") => Generate::None(path.span()),
        _ => Generate::By(path),
    })
}

fn required(input: ParseStream<'_>, name: &Ident) -> Result<Required> {
    if input.peek(Token![=]) {
        variables(input, name).map(Required::These)
    } else if input.is_empty() || input.peek(Token![,]) {
        Ok(Required::All(name.span()))
    } else {
        Err(check::wants_variables(name, input.span()))
    }
}

fn switch(slot: &mut Option<LitBool>, input: ParseStream<'_>, name: &Ident) -> Result<()> {
    crate::args::once(slot.is_some(), &name.to_string(), name.span())?;
    input
        .parse::<Token![=]>()
        .map_err(|_| check::wants_bool(name, name.span()))?;
    *slot = Some(
        input
            .parse()
            .map_err(|error| check::wants_bool(name, error.span()))?,
    );
    Ok(())
}

fn carrier(input: ParseStream<'_>, name: &Ident) -> Result<Expr> {
    input
        .parse::<Token![=]>()
        .map_err(|_| check::carrier_wants_expression(name.span()))?;
    Expr::parse(input).map_err(|error| check::carrier_wants_expression(error.span()))
}
