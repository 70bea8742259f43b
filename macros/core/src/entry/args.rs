//! The arguments of `#[context_entry(..)]`.

use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Ident, LitBool, LitStr, Path, Result, Token, bracketed, parse_quote_spanned};

use super::error;
use crate::args::{Args, Arguments, EXPAND_HERE, once};
use crate::error::takes_no_value;
use crate::syntax::runtime_path::generated;

/// The arguments of `#[context_entry(..)]`.
#[derive(Default)]
pub(crate) struct EntryArgs {
    /// The arguments that are shared with `#[propagate_context]`.
    pub(super) common: Args,
    /// The headers of the request id, in lower case.
    pub(super) header: Vec<LitStr>,
    pub(super) vars: Vec<Path>,
    pub(super) generate: Option<Generate>,
    pub(super) required: Option<Required>,
    pub(super) echo: Option<LitBool>,
    pub(super) trust: Option<LitBool>,
    pub(super) carrier: Option<Expr>,
    /// Variables of the receiver that stay visible.
    pub(super) keeping: Vec<Path>,
    pub(super) layer: Option<Span>,
    /// The first argument that belongs to the policy, for errors about the policy as a whole.
    pub(super) policy: Option<Ident>,
}

/// How an id is generated if the carrier has none.
pub(super) enum Generate {
    UuidV4,
    UuidV7,
    /// A function without parameters.
    By(Path),
    /// An expression over the arguments.
    Of(Expr),
    None(Span),
}

/// Which values must be present.
pub(super) enum Required {
    /// The id and all of `vars`.
    All(Span),
    These(Vec<Path>),
}

impl Arguments for EntryArgs {
    fn keep_written(&mut self, tokens: &TokenStream) {
        self.common.keep_written(tokens);
    }

    fn fill_one(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(Token![crate]) {
            return self.common.fill_one(input);
        }
        let ahead = input.fork();
        let name: Ident = ahead
            .parse()
            .map_err(|found| error::expected_argument(found.span()))?;
        let text = name.to_string();
        match text.as_str() {
            "spawn" | "spawn_blocking" | "set" | "span" | EXPAND_HERE => {
                return self.common.fill_one(input);
            }
            "detached" | "skip_fn" | "skip" => return Err(error::not_of_an_entry(&name)),
            _ => {}
        }
        input.parse::<Ident>()?;
        match text.as_str() {
            "header" => {
                once(!self.header.is_empty(), "header", name.span())?;
                self.header = headers(input, &name)?;
            }
            "vars" => {
                once(!self.vars.is_empty(), "vars", name.span())?;
                self.vars = variables(input, &name)?;
            }
            "generate" => {
                once(self.generate.is_some(), "generate", name.span())?;
                self.generate = Some(generate(input, &name)?);
            }
            "required" => {
                once(self.required.is_some(), "required", name.span())?;
                self.required = Some(required(input, &name)?);
            }
            "echo" => switch(&mut self.echo, input, &name)?,
            "trust" => switch(&mut self.trust, input, &name)?,
            "carrier" => {
                once(self.carrier.is_some(), "carrier", name.span())?;
                self.carrier = Some(carrier(input, &name)?);
            }
            "keeping" => {
                once(!self.keeping.is_empty(), "keeping", name.span())?;
                self.keeping = variables(input, &name)?;
            }
            "layer" => {
                once(self.layer.is_some(), "layer", name.span())?;
                if !input.is_empty() && !input.peek(Token![,]) {
                    return Err(takes_no_value("layer", input.span()));
                }
                self.layer = Some(name.span());
            }
            _ => return Err(error::unknown_argument(&name)),
        }
        if !matches!(text.as_str(), "carrier" | "layer") {
            self.policy.get_or_insert(name);
        }
        Ok(())
    }
}

/// Parses `= "name"` or `= ["name", ..]`.
fn headers(input: ParseStream<'_>, name: &Ident) -> Result<Vec<LitStr>> {
    let wanted = |_| error::expected_headers(name.span());
    input.parse::<Token![=]>().map_err(wanted)?;
    let found = if input.peek(syn::token::Bracket) {
        let content;
        bracketed!(content in input);
        Punctuated::<LitStr, Token![,]>::parse_terminated(&content)
            .map_err(|found| error::expected_headers(found.span()))?
            .into_iter()
            .collect()
    } else {
        let header: LitStr = input
            .parse()
            .map_err(|found| error::expected_headers(found.span()))?;
        vec![header]
    };
    if found.is_empty() {
        return Err(error::expected_headers(name.span()));
    }
    found.iter().map(header).collect()
}

/// Returns the name in lower case, as in HTTP/2 and in a `HeaderMap`.
fn header(literal: &LitStr) -> Result<LitStr> {
    let name = literal.value();
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() {
        return Err(error::empty_header(literal.span()));
    }
    match name.chars().find(|c| !is_allowed(*c)) {
        Some(character) => Err(error::invalid_header(character, literal.span())),
        None => Ok(LitStr::new(&name.to_ascii_lowercase(), literal.span())),
    }
}

/// Parses `= [VAR, ..]`.
fn variables(input: ParseStream<'_>, name: &Ident) -> Result<Vec<Path>> {
    let wanted = |span| error::expected_variables(name, span);
    input
        .parse::<Token![=]>()
        .map_err(|found| wanted(found.span()))?;
    if !input.peek(syn::token::Bracket) {
        return Err(wanted(input.span()));
    }
    let content;
    bracketed!(content in input);
    let found = Punctuated::<Path, Token![,]>::parse_terminated(&content)
        .map_err(|found| wanted(found.span()))?;
    if found.is_empty() {
        return Err(wanted(name.span()));
    }
    Ok(found.into_iter().collect())
}

fn generate(input: ParseStream<'_>, name: &Ident) -> Result<Generate> {
    input
        .parse::<Token![=]>()
        .map_err(|_| error::expected_generate(name.span()))?;
    let wanted = |span| error::expected_generate(span);
    let expr = Expr::parse(input).map_err(|found| wanted(found.span()))?;
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
        Some(word) if word.starts_with("uuid") => {
            return Err(error::unknown_generate(word, path.span()));
        }
        _ => Generate::By(path),
    })
}

fn required(input: ParseStream<'_>, name: &Ident) -> Result<Required> {
    if input.peek(Token![=]) {
        variables(input, name).map(Required::These)
    } else if input.is_empty() || input.peek(Token![,]) {
        Ok(Required::All(name.span()))
    } else {
        Err(error::expected_variables(name, input.span()))
    }
}

fn switch(slot: &mut Option<LitBool>, input: ParseStream<'_>, name: &Ident) -> Result<()> {
    once(slot.is_some(), &name.to_string(), name.span())?;
    input
        .parse::<Token![=]>()
        .map_err(|_| error::expected_false(name, name.span()))?;
    *slot = Some(
        input
            .parse()
            .map_err(|found| error::expected_false(name, found.span()))?,
    );
    Ok(())
}

/// Parses `= none`, for a job without a carrier, or `= expression`.
fn carrier(input: ParseStream<'_>, name: &Ident) -> Result<Expr> {
    input
        .parse::<Token![=]>()
        .map_err(|_| error::expected_carrier(name.span()))?;
    let expr = Expr::parse(input).map_err(|found| error::expected_carrier(found.span()))?;
    if !matches!(&expr, Expr::Path(path) if path.path.is_ident("none")) {
        return Ok(expr);
    }
    let span = generated(expr.span());
    Ok(parse_quote_spanned! {span=>
        ::core::option::Option::<::std::vec::Vec<(::std::string::String, ::std::string::String)>>::None
    })
}
