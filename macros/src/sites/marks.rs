//! Marks in a body: `#[detached]`, `#[propagate_context]` on a closure, and
//! `#[propagate_context(skip)]`. Stable Rust has no attribute macros on expressions, so the
//! attribute on the function reads and removes them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, ExprAsync, ExprClosure, Stmt};

use super::Mode;
use super::walk::{Sequence, Walk, attribute_at, skipped};
use crate::args::{Args, Arguments};
use crate::check;
use crate::tokens::{is_ident, is_path_separator, is_punct, refill};

/// A mark, read from the content of its brackets.
enum Mark {
    Detached { arguments: bool },
    Ours(TokenStream),
}

impl Mark {
    fn read(content: &[TokenTree]) -> Option<Self> {
        match attribute_name(content)?.as_str() {
            "detached" => {
                let arguments = matches!(content.last(), Some(TokenTree::Group(_)));
                Some(Mark::Detached { arguments })
            }
            "propagate_context" => match content.last() {
                Some(TokenTree::Group(arguments)) => Some(Mark::Ours(arguments.stream())),
                _ => Some(Mark::Ours(TokenStream::new())),
            },
            _ => None,
        }
    }
}

/// The last segment of an attribute's path, from the content of its brackets.
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
    /// Reads the attribute at the current place, and what it stands on if it is a mark.
    pub(super) fn attribute(&mut self, sequence: &mut Sequence, mode: Mode) {
        let at = sequence.at;
        let Some((group, end)) = attribute_at(&sequence.trees, at) else {
            sequence.copy_to(at + 1);
            return;
        };
        let span = group.span();
        let content: Vec<TokenTree> = group.stream().into_iter().collect();
        match Mark::read(&content) {
            None => sequence.copy_to(end),
            Some(_) if is_item(&sequence.trees, end) => sequence.copy_to(end),
            Some(Mark::Detached { arguments }) => {
                self.marks += 1;
                if arguments {
                    self.fail(check::detached_takes_nothing(span));
                }
                sequence.at = end;
                let before = self.rewritten;
                let marked = sequence.take_marked();
                let rewritten = self.sequence(marked.clone(), sequence.delimiter, Mode::Detach);
                sequence.out.extend(rewritten.unwrap_or(marked));
                if self.rewritten == before {
                    self.fail(check::nothing_to_detach(span));
                }
            }
            Some(Mark::Ours(arguments)) => {
                self.marks += 1;
                let (args, error) = Args::parse(arguments);
                if let Some(error) = error {
                    self.fail(error);
                }
                sequence.at = end;
                if args.skip.is_some() {
                    let marked = sequence.take_marked();
                    sequence.out.extend(without_marks(marked));
                } else {
                    self.marked(sequence, &args, mode, span);
                }
            }
        }
    }

    /// `#[propagate_context] move || ..`
    fn marked(
        &mut self,
        sequence: &mut Sequence,
        args: &Args,
        mode: Mode,
        span: proc_macro2::Span,
    ) {
        let unfit = [("span", args.span), ("skip_fn", args.skip_fn)];
        for (name, given) in unfit {
            if let Some(given) = given {
                self.fail(check::mark_argument(name, given));
            }
        }
        let mode = if args.detached.is_some() {
            Mode::Detach
        } else {
            mode
        };
        let rest: TokenStream = sequence.trees[sequence.at..].iter().cloned().collect();
        let Ok((literal, length)) = measured(parse_literal).parse2(rest.clone()) else {
            self.fail(check::mark_wants_closure(span));
            return;
        };
        let tokens: TokenStream = rest.into_iter().take(length).collect();
        sequence.at += length;
        // What stands inside is rewritten first, as the literal is written out whole.
        let inner = self.sequence(tokens.clone(), sequence.delimiter, mode);
        let literal = match inner {
            Some(inner) => parse_literal.parse2(inner.clone()).unwrap_or(literal),
            None => literal,
        };
        match self.marked_literal(literal, mode) {
            Ok(written) => sequence.out.extend(written),
            Err(error) => {
                self.fail(error);
                sequence.out.extend(tokens);
            }
        }
    }
}

impl Sequence {
    /// Takes the statement or expression at the current place.
    fn take_marked(&mut self) -> TokenStream {
        let rest: TokenStream = self.trees[self.at..].iter().cloned().collect();
        let starts_statement = self.delimiter == Delimiter::Brace
            && match self.out.last() {
                None => true,
                Some(TokenTree::Punct(punct)) => punct.as_char() == ';',
                Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
        let length = if starts_statement {
            measured(|input: ParseStream<'_>| input.parse::<Stmt>().map(drop)).parse2(rest.clone())
        } else {
            measured(|input: ParseStream<'_>| input.parse::<Expr>().map(drop)).parse2(rest.clone())
        };
        // What cannot be parsed is an error of the user's, which the compiler explains better.
        let length = length.map_or(usize::MAX, |((), length)| length);
        let taken: TokenStream = rest.into_iter().take(length).collect();
        self.at = self.at.saturating_add(length).min(self.trees.len());
        taken
    }
}

/// A closure or an `async` block behind a mark.
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

/// Runs a parser, and tells how many trees it read; the others are left.
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

/// Whether an item stands at `at`, behind further attributes: marks on it are its own.
fn is_item(trees: &[TokenTree], mut at: usize) -> bool {
    while is_punct(trees.get(at), '#') {
        at += 2;
    }
    let Some(TokenTree::Ident(word)) = trees.get(at) else {
        return false;
    };
    let next = trees.get(at + 1);
    match word.to_string().as_str() {
        "fn" | "impl" | "trait" | "mod" | "pub" | "extern" | "struct" | "enum" | "use" | "type" => {
            true
        }
        "async" | "unsafe" | "const" => {
            ["fn", "unsafe", "extern", "impl", "async", "trait"]
                .iter()
                .any(|word| is_ident(next, word))
                || skipped(trees, at, &word.to_string()) > at + 1
        }
        "static" => skipped(trees, at, "static") > at + 1,
        _ => false,
    }
}

/// The same tokens without marks, which nobody but us can read.
pub(crate) fn without_marks(tokens: TokenStream) -> TokenStream {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = Vec::with_capacity(trees.len());
    let mut at = 0;
    while at < trees.len() {
        if is_punct(trees.get(at), '#') {
            if let Some((group, end)) = attribute_at(&trees, at) {
                let content: Vec<TokenTree> = group.stream().into_iter().collect();
                if Mark::read(&content).is_some() {
                    at = end;
                    continue;
                }
            }
        }
        kept.push(match &trees[at] {
            TokenTree::Group(group) => {
                TokenTree::Group(refill(group, without_marks(group.stream())))
            }
            other => other.clone(),
        });
        at += 1;
    }
    kept.into_iter().collect()
}
