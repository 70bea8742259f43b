//! What the attribute stands on: a function, or a block of functions whose members are told apart
//! by their tokens. Bodies stay tokens: most need no syntax tree, and half-typed ones have none.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Result, Signature, Token, Visibility};

use crate::args::{Args, Arguments};
use crate::check;
use crate::expand::function::{self, ExpandOptions};
use crate::sites;
use crate::syntax::inert_attr::is_inert;
use crate::syntax::item_kind::{Kind, RawItem};
use crate::syntax::tokens::{as_group, is_punct, refill, visible};

/// A function whose head is read and whose body is not.
pub(crate) struct Function {
    pub(crate) attrs: Vec<Attribute>,
    /// Visibility and `default`.
    pub(crate) qualifiers: TokenStream,
    pub(crate) sig: Signature,
    /// The user's last token in front of the body, where what we put there is the last: errors
    /// about the signature as a whole would point at the attribute else.
    pub(crate) end_of_signature: Option<Span>,
    pub(crate) body: Group,
}

/// Expands an attribute with `args` on `item`, which is kept whatever goes wrong.
pub(crate) fn expand<A: Arguments>(
    args: TokenStream,
    item: TokenStream,
    expand_item: fn(&[TokenTree], &A) -> Result<TokenStream>,
) -> TokenStream {
    let (args, error) = A::parse(args);
    let trees = visible_trees(item);
    let (mut expanded, second) = match expand_item(&trees, &args) {
        Ok(expanded) => (expanded, None),
        Err(error) => (
            sites::without_marks(trees.into_iter().collect()),
            Some(error),
        ),
    };
    // One at a time: the second is often a consequence of the first.
    if let Some(error) = error.or(second) {
        expanded.extend(error.into_compile_error());
    }
    expanded
}

/// Expands `#[propagate_context(args)] item`.
pub(crate) fn expand_item(trees: &[TokenTree], args: &Args) -> Result<TokenStream> {
    let shape = RawItem::read(trees, 0);
    match shape.kind {
        Kind::Function => {
            check::function_args(args)?;
            let Some(body) = shape.body else {
                // A declaration: there is nothing to run.
                return Ok(trees.iter().cloned().collect());
            };
            let function = Function::read(&trees[..body], &trees[body])?;
            check::single(&function.attrs, "propagate_context")?;
            function::expand(function, args, &ExpandOptions::new(args))
        }
        Kind::Impl => expand_block(trees, &shape, args, "impl", false),
        Kind::Trait => expand_block(trees, &shape, args, "trait", false),
        Kind::Mod if shape.body.is_none() => match trees.get(shape.keyword + 1) {
            Some(TokenTree::Ident(name)) => Err(check::module_elsewhere(name)),
            _ => Err(wrong_target(trees, &shape)),
        },
        Kind::Mod => expand_block(trees, &shape, args, "mod", false),
        Kind::Braced | Kind::Plain => Err(wrong_target(trees, &shape)),
    }
}

/// What an attribute that goes on functions alone stands on.
pub(crate) enum Target {
    Function(Box<Function>),
    /// The name of a function without a body.
    Declaration(Ident),
    /// What it is, and where its keyword stands.
    Other(String, Span),
}

pub(crate) fn target(trees: &[TokenTree]) -> Result<Target> {
    let shape = RawItem::read(trees, 0);
    match (shape.kind, shape.body, trees.get(shape.keyword + 1)) {
        (Kind::Function, Some(body), _) => Function::read(&trees[..body], &trees[body])
            .map(|function| Target::Function(Box::new(function))),
        (Kind::Function, None, Some(TokenTree::Ident(name))) => {
            Ok(Target::Declaration(name.clone()))
        }
        _ => {
            let (what, span) = shape.describe(trees);
            Ok(Target::Other(what, span))
        }
    }
}

fn wrong_target(trees: &[TokenTree], shape: &RawItem) -> syn::Error {
    let (what, span) = shape.describe(trees);
    check::wrong_target(&what, span)
}

/// Expands each function of an `impl`, a `trait` or a `mod`.
///
/// `outer_async`: an attribute that runs after ours, here or further out, reads `async fn`s.
fn expand_block(
    trees: &[TokenTree],
    shape: &RawItem,
    args: &Args,
    target: &str,
    outer_async: bool,
) -> Result<TokenStream> {
    check::block_args(args, target)?;
    let Some((index, TokenTree::Group(body))) = shape.body.map(|index| (index, &trees[index]))
    else {
        return Err(wrong_target(trees, shape));
    };
    let attrs = read_attrs(&trees[shape.start..shape.keyword]);
    check::single(&attrs, "propagate_context")?;
    let keep_async = outer_async || !attrs.iter().all(is_inert);
    let body = visible(body.clone());

    let mut first_error = None;
    let mut inner: Vec<TokenTree> = body.stream().into_iter().collect();
    let mut at = end_of_inner_attrs(&inner);
    let mut members: TokenStream = inner[..at].iter().cloned().collect();
    while at < inner.len() {
        open_fragment(&mut inner, at);
        let member = RawItem::read(&inner, at);
        let tokens = &inner[at..member.end];
        at = member.end;
        match expand_member(&inner, &member, args, keep_async) {
            Ok(Some(expanded)) => members.extend(expanded),
            Ok(None) => members.extend(tokens.iter().cloned()),
            Err(error) => {
                first_error = first_error.or(Some(error));
                members.extend(sites::without_marks(tokens.iter().cloned().collect()));
            }
        }
    }
    let mut expanded: TokenStream = trees[..index].iter().cloned().collect();
    expanded.extend([TokenTree::Group(refill(&body, members))]);
    expanded.extend(trees[index + 1..].iter().cloned());
    if let Some(error) = first_error {
        expanded.extend(error.into_compile_error());
    }
    Ok(expanded)
}

/// One past the `#![..]` and `//!` that stand at the beginning.
pub(crate) fn end_of_inner_attrs(trees: &[TokenTree]) -> usize {
    let mut end = 0;
    while is_punct(trees.get(end), '#') && is_punct(trees.get(end + 1), '!') {
        end += 3;
    }
    end
}

/// Takes the items at `at` out of the invisible group that `macro_rules!` puts round an `$item`. One
/// round another fragment, such as `$vis`, stays.
fn open_fragment(trees: &mut Vec<TokenTree>, at: usize) {
    let mut first = at;
    while is_punct(trees.get(first), '#') {
        first += 2;
    }
    while let Some(group) = as_group(trees.get(first), Delimiter::None) {
        let items: Vec<TokenTree> = group.stream().into_iter().collect();
        let ends_an_item = match items.last() {
            Some(TokenTree::Group(group)) => visible(group.clone()).delimiter() == Delimiter::Brace,
            last => is_punct(last, ';'),
        };
        if !ends_an_item {
            return;
        }
        trees.splice(first..=first, items);
    }
}

/// Expands one member; `None` leaves it as it is.
fn expand_member(
    trees: &[TokenTree],
    member: &RawItem,
    args: &Args,
    keep_async: bool,
) -> Result<Option<TokenStream>> {
    match own_attribute(&trees[member.start..member.keyword]) {
        Own::Absent => {}
        Own::Attribute => return Ok(None),
        Own::Skip(index) => {
            let kept = (member.start..member.end).filter(|place| {
                *place != member.start + index && *place != member.start + index + 1
            });
            return Ok(Some(kept.map(|place| trees[place].clone()).collect()));
        }
    }
    let own = &trees[member.start..member.end];
    let Some(body) = member.body else {
        return Ok(None);
    };
    match member.kind {
        Kind::Function => {
            let function = Function::read(&trees[member.start..body], &trees[body])?;
            let plan = ExpandOptions {
                keep_async,
                is_member: true,
                ..ExpandOptions::new(args)
            };
            function::expand(function, args, &plan).map(Some)
        }
        Kind::Impl => expand_block(own, &RawItem::read(own, 0), args, "impl", keep_async).map(Some),
        Kind::Trait => {
            expand_block(own, &RawItem::read(own, 0), args, "trait", keep_async).map(Some)
        }
        Kind::Mod => expand_block(own, &RawItem::read(own, 0), args, "mod", keep_async).map(Some),
        Kind::Braced | Kind::Plain => Ok(None),
    }
}

/// An attribute of ours on a member of an annotated block.
enum Own {
    Absent,
    /// The member is expanded by itself.
    Attribute,
    /// `#[propagate_context(skip)]`, at this place.
    Skip(usize),
}

fn own_attribute(head: &[TokenTree]) -> Own {
    for (index, tree) in head.iter().enumerate() {
        if !is_punct(Some(tree), '#') {
            continue;
        }
        let Some(group) = as_group(head.get(index + 1), Delimiter::Bracket) else {
            continue;
        };
        let content: Vec<TokenTree> = group.stream().into_iter().collect();
        match sites::attribute_name(&content).as_deref() {
            Some("propagate_context") => {
                let skips = match content.last() {
                    Some(TokenTree::Group(args)) => Args::parse(args.stream()).0.skip.is_some(),
                    _ => false,
                };
                return if skips {
                    Own::Skip(index)
                } else {
                    Own::Attribute
                };
            }
            Some("context_entry") => return Own::Attribute,
            _ => {}
        }
    }
    Own::Absent
}

fn read_attrs(head: &[TokenTree]) -> Vec<Attribute> {
    let attrs = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_outer)?;
        input.parse::<TokenStream>()?;
        Ok(attrs)
    };
    attrs
        .parse2(head.iter().cloned().collect())
        .unwrap_or_default()
}

fn visible_trees(item: TokenStream) -> Vec<TokenTree> {
    let trees: Vec<TokenTree> = item.into_iter().collect();
    match trees.as_slice() {
        [TokenTree::Group(group)] if group.delimiter() == Delimiter::None => {
            visible_trees(group.stream())
        }
        _ => trees,
    }
}

impl Function {
    /// Reads `head`, all that stands before the body.
    pub(crate) fn read(head: &[TokenTree], body: &TokenTree) -> Result<Self> {
        let TokenTree::Group(body) = body else {
            return Err(check::unreadable_function(body.span()));
        };
        let body = visible(body.clone());
        let read = |input: ParseStream<'_>| {
            let attrs = input.call(Attribute::parse_outer)?;
            let mut qualifiers = input.parse::<Visibility>()?.into_token_stream();
            if input.peek(Token![default]) {
                input.parse::<Token![default]>()?.to_tokens(&mut qualifiers);
            }
            let sig = input.parse()?;
            Ok(Function {
                attrs,
                qualifiers,
                sig,
                end_of_signature: None,
                body,
            })
        };
        read.parse2(head.iter().cloned().collect())
            .map_err(|error| check::unreadable_function(error.span()))
    }
}
