//! Attributes in a body: `#[detached]`, `#[propagate_context]` on a closure, and `#[propagate_context(skip)]`. Stable Rust
//! does not support attribute macros on expressions, so the attribute on the function reads and removes them.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Arm, Attribute, Expr, ExprAsync, ExprClosure, Member, Stmt, Token};

use super::walk::{Sequence, Walk, attribute_at, skipped_item};
use super::wrap::Mode;
use crate::args::{Arguments, flag};
use crate::error;
use crate::record;
use crate::syntax::tokens::{is_ident, is_path_separator, is_punct, refill};

/// An attribute of this crate in a body, read from the content of its brackets.
enum BodyAttr {
    Detached { arguments: bool },
    Ours(TokenStream),
}

impl BodyAttr {
    fn read(content: &[TokenTree]) -> Option<Self> {
        match attribute_name(content)?.as_str() {
            "detached" => {
                let arguments = matches!(content.last(), Some(TokenTree::Group(_)));
                Some(BodyAttr::Detached { arguments })
            }
            "propagate_context" => match content.last() {
                Some(TokenTree::Group(arguments)) => Some(BodyAttr::Ours(arguments.stream())),
                _ => Some(BodyAttr::Ours(TokenStream::new())),
            },
            _ => None,
        }
    }
}

/// Whether an attribute is `#[propagate_context]`.
pub(super) fn is_ours(attr: &Attribute) -> bool {
    let last = attr.path().segments.last();
    last.is_some_and(|last| last.ident == "propagate_context")
}

/// Returns the last segment of an attribute's path, given the content of its brackets.
pub(crate) fn attribute_name(content: &[TokenTree]) -> Option<String> {
    let mut end = 0;
    if is_path_separator(content, 2) {
        end = 2;
    }
    let mut name = None;
    while let Some(TokenTree::Ident(ident)) = content.get(end) {
        name = Some(ident.to_string());
        if !is_path_separator(content, end + 3) {
            break;
        }
        end += 3;
    }
    name
}

impl Walk<'_> {
    /// Reads the attribute at the current position. If it belongs to this crate, also reads the code that it
    /// applies to.
    pub(super) fn attribute(&mut self, sequence: &mut Sequence, mode: Mode) {
        let at = sequence.at;
        let Some((group, end)) = attribute_at(&sequence.trees, at) else {
            sequence.copy_to(at + 1);
            return;
        };
        let span = group.span();
        let content: Vec<TokenTree> = group.stream().into_iter().collect();
        match BodyAttr::read(&content) {
            None => sequence.copy_to(end),
            Some(_) if is_item(&sequence.trees, end) => sequence.copy_to(end),
            Some(BodyAttr::Detached { arguments }) => {
                self.body_attrs += 1;
                if arguments {
                    self.fail(error::detached_takes_nothing(span));
                }
                sequence.at = end;
                let Some(marked) = sequence.take_annotated() else {
                    self.fail(error::unsupported_place(span));
                    return;
                };
                let before = self.rewritten;
                let rewritten = self.sequence(marked.clone(), sequence.delimiter, Mode::Detach);
                sequence.out.extend(rewritten.unwrap_or(marked));
                if self.rewritten == before {
                    self.fail(error::nothing_to_detach(span));
                }
            }
            Some(BodyAttr::Ours(arguments)) => {
                self.body_attrs += 1;
                let (args, error) = BodyAttrArgs::parse(arguments);
                if let Some(error) = error {
                    self.fail(error);
                }
                sequence.at = end;
                if args.skip.is_none() {
                    let mode = args.detached.map_or(mode, |_| Mode::Detach);
                    self.marked(sequence, mode, span);
                    return;
                }
                match sequence.take_annotated() {
                    Some(marked) => {
                        record::skipped(&marked);
                        sequence.out.extend(without_body_attrs(marked));
                    }
                    None => self.fail(error::unsupported_place(span)),
                }
            }
        }
    }

    /// Rewrites the closure or `async` block after `#[propagate_context]`.
    fn marked(&mut self, sequence: &mut Sequence, mode: Mode, span: Span) {
        let rest: TokenStream = sequence.trees[sequence.at..].iter().cloned().collect();
        let Ok((literal, length)) = measured(parse_literal).parse2(rest.clone()) else {
            self.fail(match next_attr(sequence) {
                Some(BodyAttr::Detached { .. }) => error::beside_detached(span),
                _ => error::expected_closure(span),
            });
            return;
        };
        let tokens: TokenStream = rest.into_iter().take(length).collect();
        sequence.at += length;
        // The content is rewritten first, because the literal is emitted as a whole.
        let inner = self.sequence(tokens.clone(), sequence.delimiter, mode);
        let literal = match inner {
            Some(inner) => parse_literal.parse2(inner.clone()).unwrap_or(literal),
            None => literal,
        };
        match self.annotated_literal(literal, mode) {
            Ok(written) => {
                self.rewritten += 1;
                sequence.out.extend(written);
            }
            Err(error) => {
                self.fail(error);
                sequence.out.extend(tokens);
            }
        }
    }
}

/// Returns the attribute of this crate at the current position.
fn next_attr(sequence: &Sequence) -> Option<BodyAttr> {
    let first = is_punct(sequence.trees.get(sequence.at), '#');
    let (group, _) = attribute_at(&sequence.trees, sequence.at).filter(|_| first)?;
    BodyAttr::read(&group.stream().into_iter().collect::<Vec<_>>())
}

impl Sequence {
    /// Takes the code that an attribute at the current position applies to: a statement, an expression, a
    /// `match` arm or a field with its value. If there is none, takes nothing and returns `None`.
    fn take_annotated(&mut self) -> Option<TokenStream> {
        let rest: TokenStream = self.trees[self.at..].iter().cloned().collect();
        let in_braces = self.delimiter == Delimiter::Brace;
        let starts_statement = in_braces
            && match self.out.last() {
                None => true,
                Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
                Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
        let ways: &[AttrTarget] = if starts_statement {
            &[one::<Arm>, field_with_value, one::<Stmt>, one::<Expr>]
        } else if in_braces {
            &[one::<Arm>, field_with_value, one::<Expr>]
        } else {
            &[one::<Expr>]
        };
        let ((), length) = ways
            .iter()
            .find_map(|way| measured(way).parse2(rest.clone()).ok())?;
        // This is part of the syntax of a macro, such as a branch of `select!`.
        let next = self.trees.get(self.at + length);
        if is_punct(next, '=') || is_punct(next, ':') {
            return None;
        }
        let taken = rest.into_iter().take(length).collect();
        self.at += length;
        Some(taken)
    }
}

/// Parses one kind of code that an attribute may be applied to.
type AttrTarget = fn(ParseStream<'_>) -> syn::Result<()>;

fn one<T: Parse>(input: ParseStream<'_>) -> syn::Result<()> {
    input.parse::<T>().map(drop)
}

fn field_with_value(input: ParseStream<'_>) -> syn::Result<()> {
    input.parse::<Member>()?;
    input.parse::<Token![:]>()?;
    input.parse::<Expr>().map(drop)
}

/// The arguments of an attribute in a body.
#[derive(Default)]
struct BodyAttrArgs {
    skip: Option<Span>,
    detached: Option<Span>,
}

impl Arguments for BodyAttrArgs {
    fn fill_one(&mut self, input: ParseStream<'_>) -> syn::Result<()> {
        let name = input
            .call(Ident::parse_any)
            .map_err(|found| error::argument_in_body(found.span()))?;
        match name.to_string().as_str() {
            "skip" => flag(&mut self.skip, &name, input),
            "detached" => flag(&mut self.detached, &name, input),
            _ => Err(error::argument_in_body(name.span())),
        }
    }
}

/// An annotated closure or `async` block.
pub(super) enum Literal {
    Closure(ExprClosure),
    Async(ExprAsync),
}

fn parse_literal(input: ParseStream<'_>) -> syn::Result<Literal> {
    let fork = input.fork();
    if let Ok(block) = fork.parse::<ExprAsync>() {
        input.advance_to(&fork);
        return Ok(Literal::Async(block));
    }
    input.parse().map(Literal::Closure)
}

/// Runs a parser and returns how many token trees it consumed.
fn measured<T>(
    parse: impl Fn(ParseStream<'_>) -> syn::Result<T>,
) -> impl FnOnce(ParseStream<'_>) -> syn::Result<(T, usize)> {
    move |input| {
        let count = |input: ParseStream<'_>| {
            input
                .fork()
                .parse::<TokenStream>()
                .map(|rest| rest.into_iter().count())
        };
        let before = count(input)?;
        let parsed = parse(input)?;
        let after = count(input)?;
        input.parse::<TokenStream>()?;
        Ok((parsed, before - after))
    }
}

/// Whether there is an item at `at`, after any further attributes. An item expands its attributes itself.
fn is_item(trees: &[TokenTree], mut at: usize) -> bool {
    while is_punct(trees.get(at), '#') {
        at += 2;
    }
    let Some(TokenTree::Ident(word)) = trees.get(at) else {
        return false;
    };
    let next = trees.get(at + 1);
    let word = word.to_string();
    match word.as_str() {
        "fn" | "impl" | "trait" | "mod" | "pub" | "extern" | "struct" | "enum" | "use" | "type" => {
            true
        }
        "async" | "unsafe" | "const" => {
            ["fn", "unsafe", "extern", "impl", "async", "trait"]
                .iter()
                .any(|word| is_ident(next, word))
                || skipped_item(trees, at, &word).is_some()
        }
        "static" => skipped_item(trees, at, &word).is_some(),
        _ => false,
    }
}

/// Returns the tokens without the attributes of this crate, which the compiler would reject.
pub(crate) fn without_body_attrs(tokens: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = Vec::with_capacity(trees.len());
    let mut at = 0;
    while at < trees.len() {
        if is_punct(trees.get(at), '#') {
            if let Some((group, end)) = attribute_at(&trees, at) {
                let content: Vec<TokenTree> = group.stream().into_iter().collect();
                if BodyAttr::read(&content).is_some() {
                    at = end;
                    continue;
                }
            }
        }
        kept.push(match &trees[at] {
            TokenTree::Group(group) => {
                TokenTree::Group(refill(group, without_body_attrs(group.stream())))
            }
            other => other.clone(),
        });
        at += 1;
    }
    kept.into_iter().collect()
}
