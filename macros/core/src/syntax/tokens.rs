//! Helpers that read token trees, for places that do not justify parsing a syntax tree.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

pub(crate) fn is_ident(tree: Option<&TokenTree>, name: &str) -> bool {
    matches!(tree, Some(TokenTree::Ident(ident)) if ident == name)
}

pub(crate) fn is_punct(tree: Option<&TokenTree>, punct: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(found)) if found.as_char() == punct)
}

pub(crate) fn as_group(tree: Option<&TokenTree>, delimiter: Delimiter) -> Option<&Group> {
    match tree {
        Some(TokenTree::Group(group)) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

/// Whether the two trees that end before `end` are `::`.
pub(crate) fn is_path_separator(trees: &[TokenTree], end: usize) -> bool {
    end >= 2 && is_punct(trees.get(end - 1), ':') && is_punct(trees.get(end - 2), ':')
}

/// Returns `{ content }`, with the braces at `span`.
///
/// The edition of the braces decides when the temporaries of the tail expression are dropped. A closing brace
/// with a user's span keeps lints and errors at the user's code.
pub(crate) fn braces(content: TokenStream, span: Span) -> Group {
    let mut group = Group::new(Delimiter::Brace, content);
    group.set_span(span);
    group
}

/// Returns a group with the same delimiters and span, and with other content.
pub(crate) fn refill(group: &Group, content: TokenStream) -> Group {
    let mut filled = Group::new(group.delimiter(), content);
    filled.set_span(group.span());
    filled
}

/// Returns the group inside any number of invisible groups, which `macro_rules!` puts around a fragment.
pub(crate) fn visible(group: Group) -> Group {
    if group.delimiter() == Delimiter::None {
        let mut inner = group.stream().into_iter();
        if let (Some(TokenTree::Group(group)), None) = (inner.next(), inner.next()) {
            return visible(group);
        }
    }
    group
}

/// Returns how the tree at `index` changes the nesting of angle brackets: 1 for an opening one, -1 for a
/// closing one, 0 otherwise. The `>` of an arrow closes nothing.
fn nesting(trees: &[TokenTree], index: usize) -> isize {
    let before = index.checked_sub(1).and_then(|index| trees.get(index));
    if is_punct(trees.get(index), '<') {
        1
    } else if is_punct(trees.get(index), '>') && !is_punct(before, '-') && !is_punct(before, '=') {
        -1
    } else {
        0
    }
}

/// Returns the index of the `>` that closes the `<` at `start`.
pub(crate) fn closing_angle(trees: &[TokenTree], start: usize) -> Option<usize> {
    let mut depth = 0;
    (start..trees.len()).find(|index| {
        depth += nesting(trees, *index);
        depth == 0
    })
}

/// Returns the index of the `<` that the `>` at `end` closes.
pub(crate) fn opening_angle(trees: &[TokenTree], end: usize) -> Option<usize> {
    let mut depth = 0;
    (0..=end).rev().find(|index| {
        depth += nesting(trees, *index);
        depth == 0
    })
}

/// Finds the body of an item: the first braces from `from` on that are outside `<..>`, where braces are
/// constant arguments.
pub(crate) fn find_body(trees: &[TokenTree], from: usize) -> Option<usize> {
    let mut depth = 0;
    for (index, tree) in trees.iter().enumerate().skip(from) {
        depth = (depth + nesting(trees, index)).max(0);
        match tree {
            TokenTree::Punct(punct) if depth == 0 && punct.as_char() == ';' => return None,
            TokenTree::Group(group) if depth == 0 && is_body(group) => return Some(index),
            _ => {}
        }
    }
    None
}

fn is_body(group: &Group) -> bool {
    match group.delimiter() {
        Delimiter::Brace => true,
        Delimiter::None => visible(group.clone()).delimiter() == Delimiter::Brace,
        _ => false,
    }
}

/// Whether `name` occurs, at any depth.
pub(crate) fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// How often `name` occurs, at any depth.
pub(crate) fn count(tokens: TokenStream, name: &str) -> usize {
    let each = tokens.into_iter().map(|tree| match tree {
        TokenTree::Group(group) => count(group.stream(), name),
        tree => usize::from(is_ident(Some(&tree), name)),
    });
    each.sum()
}

/// Returns the tokens of a block for the tail of another block. A block that contains one expression on one
/// line loses its braces: this drops nothing later, and lints would report a block within a block. A block that
/// begins with an attribute keeps them, because the attribute belongs to a nested item.
pub(crate) fn as_tail(block: &Group) -> TokenStream {
    let content = block.stream();
    let is_plain = content
        .clone()
        .into_iter()
        .all(|tree| !is_punct(Some(&tree), ';'))
        && !is_punct(content.clone().into_iter().next().as_ref(), '#');
    let is_on_one_line = || {
        block
            .span()
            .source_text()
            .is_some_and(|text| !text.contains('\n'))
    };
    // For an empty body, the compiler reports the missing value at its braces.
    if !content.is_empty() && is_plain && is_on_one_line() {
        content
    } else {
        block.to_token_stream()
    }
}

/// Returns the same name with the same hygiene, located at another place.
pub(crate) fn with_span(name: TokenStream, place: Span) -> TokenStream {
    let each = name.into_iter().map(|mut tree| {
        tree.set_span(tree.span().located_at(place));
        tree
    });
    each.collect()
}
