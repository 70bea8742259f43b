//! Expands the item below the attribute: a function, or a block of functions. The members of a block are
//! distinguished by their tokens.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Result};

use crate::args::{Args, Arguments};
use crate::check;
use crate::error;
use crate::expand::function::{self, ExpandOptions};
use crate::expand::order;
use crate::record;
use crate::sites;
use crate::syntax::attr_role::looks_for_literals;
use crate::syntax::inert_attr::is_inert;
use crate::syntax::item::{Function, end_of_inner_attrs};
use crate::syntax::item_kind::{Kind, RawItem};
use crate::syntax::return_type::ReturnKind;
use crate::syntax::tokens::{as_group, is_punct, mentions, refill, visible};

/// Expands an attribute with `args` on `item`. If that fails, the item is kept.
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
            sites::without_body_attrs(trees.into_iter().collect()),
            Some(error),
        ),
    };
    // Only one error is reported, because the second is often caused by the first.
    if let Some(error) = error.or(second) {
        record::error(&error);
        expanded.extend(error.into_compile_error());
    }
    expanded
}

/// Expands `#[propagate_context(args)] item`.
pub(crate) fn expand_item(trees: &[TokenTree], args: &Args) -> Result<TokenStream> {
    let raw = RawItem::read(trees, 0);
    match raw.kind {
        Kind::Function => {
            check::function_args(args)?;
            let Some(body) = raw.body else {
                // A declaration has no body to expand.
                return Ok(trees.iter().cloned().collect());
            };
            let function = Function::read(&trees[..body], &trees[body])?;
            check::single(&function.attrs, "propagate_context")?;
            expand_function(function, args, &ExpandOptions::new(args))
        }
        Kind::Impl => expand_block(trees, &raw, args, "impl", false),
        Kind::Trait => expand_block(trees, &raw, args, "trait", false),
        Kind::Mod if raw.body.is_none() => match trees.get(raw.keyword + 1) {
            Some(TokenTree::Ident(name)) => Err(error::module_in_another_file(name)),
            _ => Err(wrong_target(trees, &raw)),
        },
        Kind::Mod => expand_block(trees, &raw, args, "mod", false),
        Kind::Braced | Kind::Plain => Err(wrong_target(trees, &raw)),
    }
}

/// Expands a function. If an attribute below looks for the `async` block that the function returns, that
/// attribute is expanded first.
fn expand_function(
    function: Function,
    args: &Args,
    options: &ExpandOptions,
) -> Result<TokenStream> {
    let returns_future = function.sig.asyncness.is_none()
        && (ReturnKind::of(&function.sig) != ReturnKind::Other
            || mentions(function.body.stream(), "async"));
    if returns_future && !args.expand_here && function.attrs.iter().any(looks_for_literals) {
        let ours = "propagate_context";
        return Ok(order::expand_after(
            &function,
            ours,
            args,
            looks_for_literals,
        ));
    }
    function::expand(function, args, options)
}

fn wrong_target(trees: &[TokenTree], raw: &RawItem) -> syn::Error {
    let (what, span) = raw.describe(trees);
    error::wrong_target(&what, span)
}

/// Expands each function of an `impl`, a `trait` or a `mod`.
///
/// `outer_async`: whether an attribute on an enclosing block is expanded later and reads `async fn`s.
fn expand_block(
    trees: &[TokenTree],
    raw: &RawItem,
    args: &Args,
    target: &str,
    outer_async: bool,
) -> Result<TokenStream> {
    check::block_args(args, target)?;
    let Some((index, TokenTree::Group(body))) = raw.body.map(|index| (index, &trees[index])) else {
        return Err(wrong_target(trees, raw));
    };
    let attrs = read_attrs(&trees[raw.start..raw.keyword]);
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
                members.extend(sites::without_body_attrs(tokens.iter().cloned().collect()));
            }
        }
    }
    let mut expanded: TokenStream = trees[..index].iter().cloned().collect();
    expanded.extend([TokenTree::Group(refill(&body, members))]);
    expanded.extend(trees[index + 1..].iter().cloned());
    if let Some(error) = first_error {
        record::error(&error);
        expanded.extend(error.into_compile_error());
    }
    Ok(expanded)
}

/// Takes the items at `at` out of the invisible group that `macro_rules!` puts around an `$item`. A group
/// around another fragment, such as `$vis`, is kept.
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

/// Expands one member. Returns `None` if it stays unchanged.
fn expand_member(
    trees: &[TokenTree],
    member: &RawItem,
    args: &Args,
    keep_async: bool,
) -> Result<Option<TokenStream>> {
    match member_attr(&trees[member.start..member.keyword]) {
        MemberAttr::Absent => {}
        MemberAttr::Attribute => return Ok(None),
        MemberAttr::Skip(index) => {
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
            expand_function(function, args, &plan).map(Some)
        }
        Kind::Impl => expand_block(own, &RawItem::read(own, 0), args, "impl", keep_async).map(Some),
        Kind::Trait => {
            expand_block(own, &RawItem::read(own, 0), args, "trait", keep_async).map(Some)
        }
        Kind::Mod => expand_block(own, &RawItem::read(own, 0), args, "mod", keep_async).map(Some),
        Kind::Braced | Kind::Plain => Ok(None),
    }
}

/// The attribute of this crate on a member of an annotated block.
enum MemberAttr {
    Absent,
    /// The member has an attribute that expands it.
    Attribute,
    /// `#[propagate_context(skip)]`, at this index.
    Skip(usize),
}

fn member_attr(head: &[TokenTree]) -> MemberAttr {
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
                    MemberAttr::Skip(index)
                } else {
                    MemberAttr::Attribute
                };
            }
            Some("context_entry") => return MemberAttr::Attribute,
            _ => {}
        }
    }
    MemberAttr::Absent
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
