//! The arguments of `#[propagate_context(..)]`, and the parser that it shares with `#[context_entry(..)]`.

use proc_macro2::{Span, TokenStream};
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Expr, Ident, LitStr, Path, Result, Token, parenthesized};

use crate::error;
use crate::syntax::runtime_path::Runtime;

/// The argument of a generated attribute, which is placed below attributes that must be expanded first.
pub(crate) const EXPAND_HERE: &str = "__expand_here";

/// The arguments of `#[propagate_context(..)]`.
#[derive(Clone, Default)]
pub(crate) struct Args {
    pub(crate) runtime: Runtime,
    /// The user's own functions that take a future.
    pub(crate) spawn: Vec<Path>,
    /// The user's own functions that take a closure.
    pub(crate) spawn_blocking: Vec<Path>,
    /// The variables that are set for the function.
    pub(crate) set: Vec<Assignment>,
    pub(crate) detached: Option<Span>,
    pub(crate) span: Option<Span>,
    pub(crate) skip_fn: Option<Span>,
    pub(crate) skip: Option<Span>,
    /// Whether to expand the function now, even if attributes below would have to be expanded first: see
    /// [`EXPAND_HERE`].
    pub(crate) expand_here: bool,
    /// All arguments, as the user wrote them.
    pub(crate) written: TokenStream,
}

/// `VAR = expr`
#[derive(Clone)]
pub(crate) struct Assignment {
    pub(crate) variable: Path,
    pub(crate) value: Expr,
}

impl Parse for Assignment {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let variable: Path = input
            .parse()
            .map_err(|found| error::expected_assignments(found.span()))?;
        if !input.peek(Token![=]) || input.peek(Token![==]) {
            return Err(error::expected_assignments(variable.span()));
        }
        input.parse::<Token![=]>()?;
        let value = input.parse()?;
        Ok(Assignment { variable, value })
    }
}

/// The arguments of one of the two attributes.
pub(crate) trait Arguments: Default {
    /// Parses one argument.
    fn fill_one(&mut self, input: ParseStream<'_>) -> Result<()>;

    /// Stores all arguments, as the user wrote them.
    fn keep_written(&mut self, _tokens: &TokenStream) {}

    /// Parses the arguments. If there is an error, also returns the arguments before it, so that the item can
    /// still be expanded with them.
    fn parse(tokens: TokenStream) -> (Self, Option<syn::Error>) {
        let mut args = Self::default();
        args.keep_written(&tokens);
        let error = (|input: ParseStream<'_>| args.fill(input))
            .parse2(tokens)
            .err();
        (args, error)
    }

    fn fill(&mut self, input: ParseStream<'_>) -> Result<()> {
        while !input.is_empty() {
            self.fill_one(input)?;
            if !input.is_empty() {
                input
                    .parse::<Token![,]>()
                    .map_err(|found| error::expected_comma(found.span()))?;
            }
        }
        Ok(())
    }
}

impl Arguments for Args {
    fn keep_written(&mut self, tokens: &TokenStream) {
        self.written = tokens.clone();
    }

    fn fill_one(&mut self, input: ParseStream<'_>) -> Result<()> {
        if input.peek(Token![crate]) {
            let keyword = input.parse::<Token![crate]>()?;
            once(self.runtime.renamed.is_some(), "crate", keyword.span)?;
            self.runtime.renamed = Some(crate_path(input, keyword.span)?);
            return Ok(());
        }
        let name: Ident = input
            .parse()
            .map_err(|found| error::expected_argument(found.span()))?;
        let span = name.span();
        match name.to_string().as_str() {
            "spawn" => {
                once(!self.spawn.is_empty(), "spawn", span)?;
                self.spawn = paths(input, "spawn", span)?;
            }
            "spawn_blocking" => {
                once(!self.spawn_blocking.is_empty(), "spawn_blocking", span)?;
                self.spawn_blocking = paths(input, "spawn_blocking", span)?;
            }
            "set" => {
                once(!self.set.is_empty(), "set", span)?;
                self.set = list(input, span, Assignment::parse, error::expected_assignments)?;
            }
            "detached" => flag(&mut self.detached, &name, input)?,
            "span" => flag(&mut self.span, &name, input)?,
            "skip_fn" => flag(&mut self.skip_fn, &name, input)?,
            EXPAND_HERE => self.expand_here = true,
            "skip" => flag(&mut self.skip, &name, input)?,
            _ => return Err(error::unknown_argument(&name)),
        }
        Ok(())
    }
}

/// Returns an error if the argument has been given already.
pub(crate) fn once(given: bool, name: &str, span: Span) -> Result<()> {
    if given {
        return Err(error::duplicate_argument(name, span));
    }
    Ok(())
}

/// Parses `crate = path`, or `crate = "path"` as in attributes of other crates.
fn crate_path(input: ParseStream<'_>, keyword: Span) -> Result<Path> {
    let wanted = |_| error::expected_crate_path(keyword);
    input.parse::<Token![=]>().map_err(wanted)?;
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return text
            .parse_with(Path::parse_mod_style)
            .map_err(|_| error::expected_crate_path(text.span()));
    }
    Path::parse_mod_style(input).map_err(wanted)
}

/// Parses an argument without a value.
pub(crate) fn flag(slot: &mut Option<Span>, name: &Ident, input: ParseStream<'_>) -> Result<()> {
    if slot.is_some() {
        return Err(error::duplicate_argument(&name.to_string(), name.span()));
    }
    if input.peek(Token![=]) || input.peek(syn::token::Paren) {
        return Err(error::takes_no_value(&name.to_string(), input.span()));
    }
    *slot = Some(name.span());
    Ok(())
}

fn paths(input: ParseStream<'_>, name: &str, span: Span) -> Result<Vec<Path>> {
    let wanted = |span| error::expected_paths(name, span);
    let path =
        |input: ParseStream<'_>| Path::parse_mod_style(input).map_err(|found| wanted(found.span()));
    list(input, span, path, wanted)
}

/// Parses `(entry, ..)`, with at least one entry.
fn list<T>(
    input: ParseStream<'_>,
    name: Span,
    entry: impl Fn(ParseStream<'_>) -> Result<T>,
    wanted: impl Fn(Span) -> syn::Error,
) -> Result<Vec<T>> {
    if !input.peek(syn::token::Paren) {
        return Err(wanted(name));
    }
    let content;
    parenthesized!(content in input);
    if content.is_empty() {
        return Err(wanted(name));
    }
    let mut entries = Vec::new();
    while !content.is_empty() {
        entries.push(entry(&content)?);
        if !content.is_empty() {
            let comma = content.parse::<Token![,]>();
            comma.map_err(|found| wanted(found.span()))?;
        }
    }
    Ok(entries)
}
