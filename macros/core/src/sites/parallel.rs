//! Rewrites rayon chains: `list.par_iter().map(|item| ..).sum()`.
//!
//! The closures in a chain are called repeatedly, on other threads, and borrow from the function, so a captured
//! context cannot be moved into them. But the same expression runs the chain to its end. A snapshot that is
//! taken before the chain therefore outlives all its closures, which borrow it.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Expr, Token};

use super::closure::Names;
use super::rewrite::peeled;
use super::walk::{Sequence, Walk};
use super::wrap::Mode;
use crate::record::{self, Site};
use crate::syntax::tokens::{
    as_group, braces, closing_angle, is_ident, is_path_separator, is_punct, refill,
};

/// The methods that begin a chain.
const STARTS: &[&str] = &[
    "into_par_iter",
    "par_bridge",
    "par_chunks",
    "par_chunks_exact",
    "par_chunks_mut",
    "par_drain",
    "par_iter",
    "par_iter_mut",
    "par_windows",
];

/// The methods that run a chain and drop its closures.
const ENDS: &[&str] = &[
    "all",
    "any",
    "collect",
    "collect_into_vec",
    "collect_vec_list",
    "count",
    "find_any",
    "find_first",
    "find_last",
    "find_map_any",
    "find_map_first",
    "find_map_last",
    "for_each",
    "for_each_init",
    "for_each_with",
    "max",
    "max_by",
    "max_by_key",
    "min",
    "min_by",
    "min_by_key",
    "partition",
    "partition_map",
    "position_any",
    "position_first",
    "position_last",
    "product",
    "reduce",
    "reduce_with",
    "sum",
    "try_for_each",
    "try_reduce",
    "unzip",
];

/// Keywords that may precede an expression and are not part of it.
const BEFORE: &[&str] = &[
    "as", "await", "box", "break", "else", "if", "in", "let", "match", "move", "mut", "ref",
    "return", "while", "yield",
];

type Arguments = Punctuated<Expr, Token![,]>;

impl Walk<'_> {
    /// Rewrites the chain whose first method is at the current position. Returns whether there is one.
    pub(super) fn parallel(&mut self, sequence: &mut Sequence, word: &str, mode: Mode) -> bool {
        if !STARTS.contains(&word) {
            return false;
        }
        let Some(receiver) = receiver(&sequence.out) else {
            return false;
        };
        let Some((end, groups)) = chain(&sequence.trees, sequence.at) else {
            return false;
        };
        let arguments = |group: &Group| {
            Arguments::parse_terminated
                .parse2(group.stream())
                .unwrap_or_default()
        };
        let borrows = |argument: &mut Expr| match peeled(argument) {
            Expr::Closure(closure) => closure.capture.is_none() && closure.asyncness.is_none(),
            _ => false,
        };
        if !groups
            .iter()
            .any(|(_, group)| arguments(group).iter_mut().any(borrows))
        {
            return false;
        }

        let at = sequence.trees[sequence.at].span();
        let names = Names::new(at);
        let mut methods = sequence.trees[sequence.at..end].to_vec();
        for (index, group) in &groups {
            let inner = self.sequence(group.stream(), group.delimiter(), mode);
            let group = inner.map_or_else(|| group.clone(), |inner| refill(group, inner));
            let mut arguments = arguments(&group);
            for argument in &mut arguments {
                let Expr::Closure(closure) = peeled(argument) else {
                    continue;
                };
                if closure.capture.is_none() && closure.asyncness.is_none() {
                    self.sites.enter_in(closure, &names, false, at, mode);
                }
            }
            let group = refill(&group, arguments.into_token_stream());
            methods[index - sequence.at] = TokenTree::Group(group);
        }
        let captures = self.sites.captures(&names, mode, at);
        let span = names.span;
        let receiver: TokenStream = sequence.out.drain(receiver..).collect();
        let methods: TokenStream = methods.into_iter().collect();
        let block = braces(quote_spanned!(span=> #captures #receiver #methods), span);
        // At the beginning of a statement, a block would be a statement of its own.
        let mut whole = Group::new(Delimiter::Parenthesis, block.into_token_stream());
        whole.set_span(span);
        sequence.out.push(TokenTree::Group(whole));
        sequence.at = end;
        self.rewritten += 1;
        record::site(|| Site {
            segments: vec![word.to_owned()],
            is_method: true,
            name: at,
            arguments: record::no_arguments(at),
            is_typed: false,
            outcome: mode.outcome(true),
        });
        true
    }
}

/// Returns the index where the receiver before the dot begins, if it is a variable, a field or an element. The
/// result of a call may have to outlive the chain.
fn receiver(out: &[TokenTree]) -> Option<usize> {
    let mut start = out.len();
    loop {
        // The dot must not be part of a range.
        start = start.checked_sub(1)?;
        if !is_punct(out.get(start), '.') || is_punct(out.get(start.wrapping_sub(1)), '.') {
            return None;
        }
        start = start.checked_sub(1)?;
        while as_group(out.get(start), Delimiter::Bracket).is_some() {
            start = start.checked_sub(1)?;
        }
        match &out[start] {
            TokenTree::Ident(name) if !BEFORE.contains(&name.to_string().as_str()) => {}
            TokenTree::Literal(_) => {}
            _ => return None,
        }
        let is_field = is_punct(out.get(start.wrapping_sub(1)), '.');
        let is_range = is_field && is_punct(out.get(start.wrapping_sub(2)), '.');
        if !is_field || is_range {
            return (!is_path_separator(out, start)).then_some(start);
        }
    }
}

/// Returns the index after the method that runs the chain, and the arguments of all its methods.
fn chain(trees: &[TokenTree], start: usize) -> Option<(usize, Vec<(usize, Group)>)> {
    let mut at = start;
    let mut groups = Vec::new();
    loop {
        let Some(TokenTree::Ident(name)) = trees.get(at) else {
            return None;
        };
        at += 1;
        if is_path_separator(trees, at + 2) {
            at = closing_angle(trees, at + 2)? + 1;
        }
        let group = as_group(trees.get(at), Delimiter::Parenthesis)?;
        groups.push((at, group.clone()));
        at += 1;
        if ENDS.contains(&name.to_string().as_str()) {
            return Some((at, groups));
        }
        if !is_punct(trees.get(at), '.') || is_ident(trees.get(at + 1), "await") {
            return None;
        }
        at += 1;
    }
}
