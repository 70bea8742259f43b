//! The walk through the tokens of a body.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::{Error, Path, Result};

use super::catalogue::{self, SpawnArg, Spawner};
use super::wrap::{Mode, Sites};
use crate::record::{self, Outcome, Site};
use crate::syntax::tokens::{
    as_group, find_body, is_ident, is_path_separator, is_punct, opening_angle, refill,
};

/// Macros whose arguments are not code of the function.
const OPAQUE_MACROS: &[&str] = &[
    "cfg",
    "column",
    "compile_error",
    "concat",
    "concat_idents",
    "env",
    "format_ident",
    "include",
    "include_bytes",
    "include_str",
    "macro_rules",
    "module_path",
    "option_env",
    "parse_quote",
    "parse_quote_spanned",
    "quote",
    "quote_spanned",
    "stringify",
];

/// The result of rewriting a body.
pub(crate) struct Rewritten {
    /// The rewritten body. `None` if it is unchanged.
    pub(crate) tokens: Option<TokenStream>,
    /// Whether the body contained attributes of this crate.
    pub(crate) has_body_attrs: bool,
    /// A spawner that the user has named, and that the body does not call.
    pub(crate) uncalled: Option<Path>,
}

/// Rewrites the spawn sites of a body.
pub(crate) fn rewrite(sites: &Sites<'_>, body: TokenStream) -> Result<Rewritten> {
    let mut walk = Walk::new(sites);
    let tokens = walk.sequence(body, Delimiter::Brace, Mode::Propagate);
    match walk.error {
        Some(error) => Err(error),
        None => Ok(Rewritten {
            tokens,
            has_body_attrs: walk.body_attrs > 0,
            uncalled: walk.uncalled.first().copied().cloned(),
        }),
    }
}

/// A walk through one body.
pub(super) struct Walk<'a> {
    pub(super) sites: &'a Sites<'a>,
    /// The first error, which ends the expansion.
    error: Option<Error>,
    /// How many sites were rewritten.
    pub(super) rewritten: usize,
    /// How many attributes of this crate were found in the body. They are removed even if nothing is rewritten.
    pub(super) body_attrs: usize,
    /// The paths of the user's own spawners that no call has named so far.
    uncalled: Vec<&'a Path>,
}

/// The trees of one delimited sequence, and their replacement.
pub(super) struct Sequence {
    pub(super) trees: Vec<TokenTree>,
    pub(super) delimiter: Delimiter,
    pub(super) out: Vec<TokenTree>,
    /// The next tree to read.
    pub(super) at: usize,
}

/// The name of a call, before its arguments.
pub(super) struct Callee {
    pub(super) segments: Vec<String>,
    pub(super) is_method: bool,
    name: Span,
    /// Whether a turbofish fixes the type of the spawned value.
    is_typed: bool,
}

impl Callee {
    /// Returns the first step of the dispatch by type for one of `count` arguments. A user's function that is
    /// named like a spawner may need the unchanged receiver of a channel.
    pub(super) fn first_step(&self, count: usize) -> &'static str {
        let is_known = if self.is_method {
            count <= 2
        } else {
            count == 1 && self.segments.len() == 1
        };
        if is_known { "spawned" } else { "argument" }
    }

    fn site(&self, arguments: &Group, outcome: Outcome) -> Site {
        Site {
            segments: self.segments.clone(),
            is_method: self.is_method,
            name: self.name,
            arguments: arguments.clone(),
            is_typed: self.is_typed,
            outcome,
        }
    }

    /// Whether the user has named this callee with `path`. A method is compared by the last segment.
    fn is_named(&self, path: &Path) -> bool {
        if !self.is_method {
            return catalogue::is_named(path, &self.segments);
        }
        let method = path.segments.last();
        method.is_some_and(|last| last.ident == self.segments[0])
    }
}

impl<'a> Walk<'a> {
    fn new(sites: &'a Sites<'a>) -> Self {
        Walk {
            sites,
            error: None,
            rewritten: 0,
            body_attrs: 0,
            uncalled: sites.spawn.iter().chain(sites.spawn_blocking).collect(),
        }
    }

    pub(super) fn sequence(
        &mut self,
        tokens: TokenStream,
        delimiter: Delimiter,
        mode: Mode,
    ) -> Option<TokenStream> {
        let before = self.rewritten + self.body_attrs;
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let out = Vec::with_capacity(trees.len());
        let mut sequence = Sequence {
            trees,
            delimiter,
            out,
            at: 0,
        };
        while sequence.at < sequence.trees.len() {
            self.step(&mut sequence, mode);
        }
        (self.rewritten + self.body_attrs > before).then(|| sequence.out.into_iter().collect())
    }

    fn step(&mut self, sequence: &mut Sequence, mode: Mode) {
        let at = sequence.at;
        match &sequence.trees[at] {
            TokenTree::Punct(punct) if punct.as_char() == '#' => self.attribute(sequence, mode),
            // A lifetime or a label, which may be named like a keyword: `'static`.
            TokenTree::Punct(punct) if punct.as_char() == '\'' => sequence.copy_to(at + 2),
            TokenTree::Ident(ident) => {
                let word = ident.to_string();
                if !self.parallel(sequence, &word, mode) {
                    let end = skipped(&sequence.trees, at, &word);
                    sequence.copy_to(end);
                }
            }
            TokenTree::Group(group) => {
                let group = group.clone();
                sequence.at += 1;
                let rewritten = self.group(sequence, at, &group, mode);
                sequence.out.push(TokenTree::Group(rewritten));
            }
            _ => sequence.copy_to(at + 1),
        }
    }

    fn group(&mut self, sequence: &Sequence, at: usize, group: &Group, mode: Mode) -> Group {
        let inner = self.sequence(group.stream(), group.delimiter(), mode);
        if group.delimiter() == Delimiter::Parenthesis {
            if let Some(callee) = callee(&sequence.trees[..at]) {
                if let Some(spawner) = self.spawner(&callee) {
                    let arguments = inner.clone().unwrap_or_else(|| group.stream());
                    let rewritten = if callee.is_typed {
                        None
                    } else {
                        self.arguments(arguments, group, &callee, spawner, mode)
                    };
                    let outcome = mode.outcome(rewritten.is_some());
                    record::site(|| callee.site(group, outcome));
                    if let Some(arguments) = rewritten {
                        self.rewritten += 1;
                        return refill(group, arguments);
                    }
                }
            }
        }
        match inner {
            Some(inner) => refill(group, inner),
            None => group.clone(),
        }
    }

    fn spawner(&mut self, callee: &Callee) -> Option<Spawner> {
        let Callee {
            segments,
            is_method,
            ..
        } = callee;
        self.uncalled
            .retain(|path| callee.is_typed || !callee.is_named(path));
        let named = |paths: &[Path]| paths.iter().any(|path| callee.is_named(path));
        if named(self.sites.spawn) {
            return Some(catalogue::named(SpawnArg::Future));
        }
        if named(self.sites.spawn_blocking) {
            return Some(catalogue::named(SpawnArg::Closure));
        }
        match is_method {
            true => catalogue::of_method(&segments[0]),
            false => catalogue::of_path(segments),
        }
    }

    pub(super) fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }
}

impl Sequence {
    /// Copies all trees before `end`.
    pub(super) fn copy_to(&mut self, end: usize) {
        let end = end.min(self.trees.len());
        self.out.extend_from_slice(&self.trees[self.at..end]);
        self.at = end;
    }
}

/// Returns the end of the tokens that start with the word at `at`, if they are not code of the function: a
/// nested item, or a macro that does not run its arguments. Otherwise returns the index after the word.
fn skipped(trees: &[TokenTree], at: usize, word: &str) -> usize {
    if is_punct(trees.get(at + 1), '!') && OPAQUE_MACROS.contains(&word) {
        let named = usize::from(matches!(trees.get(at + 2), Some(TokenTree::Ident(_))));
        return at + 3 + named;
    }
    skipped_item(trees, at, word).unwrap_or(at + 1)
}

/// Returns the index after the nested item whose keyword is at `at`.
pub(super) fn skipped_item(trees: &[TokenTree], at: usize, keyword: &str) -> Option<usize> {
    let next = trees.get(at + 1);
    let to_body = || find_body(trees, at + 1).map(|body| body + 1);
    let to_semicolon = || {
        let mut rest = trees.iter().skip(at);
        let found = rest.position(|tree| is_punct(Some(tree), ';'));
        found.map(|offset| at + offset + 1)
    };
    match keyword {
        "fn" if matches!(next, Some(TokenTree::Ident(_))) => to_body(),
        "impl" | "trait" | "mod" => to_body(),
        "static" if !is_punct(next, '|') && !is_ident(next, "move") => to_semicolon(),
        "const" if is_punct(trees.get(at + 2), ':') && !is_path_separator(trees, at + 4) => {
            to_semicolon()
        }
        _ => None,
    }
}

/// Reads the name of a call backwards from its arguments.
fn callee(before: &[TokenTree]) -> Option<Callee> {
    let mut end = before.len();
    let mut is_typed = false;
    if is_punct(before.last(), '>') {
        (end, is_typed) = turbofish(before)?;
    }
    let Some(TokenTree::Ident(name)) = before.get(end.checked_sub(1)?) else {
        return None;
    };
    let mut segments = vec![name.to_string()];
    let name = name.span();
    end -= 1;
    let is_method = is_punct(before.get(end.wrapping_sub(1)), '.')
        && !is_punct(before.get(end.wrapping_sub(2)), '.');
    while !is_method && is_path_separator(before, end) {
        match end.checked_sub(3).map(|index| &before[index]) {
            Some(TokenTree::Ident(segment)) => {
                segments.insert(0, segment.to_string());
                end -= 3;
            }
            // Generic arguments: what precedes them is not a module.
            Some(_) => {
                segments.insert(0, String::new());
                break;
            }
            None => break,
        }
    }
    Some(Callee {
        segments,
        is_method,
        name,
        is_typed,
    })
}

/// Returns the index of the turbofish at the end, and whether its first argument fixes the type of the spawned
/// value, which must then stay unchanged.
fn turbofish(before: &[TokenTree]) -> Option<(usize, bool)> {
    let start = opening_angle(before, before.len() - 1)?;
    let is_open = is_ident(before.get(start + 1), "_");
    is_path_separator(before, start).then(|| (start - 2, !is_open))
}

/// Returns the bracketed content of an attribute at `at`, and the index after its end.
pub(super) fn attribute_at(trees: &[TokenTree], at: usize) -> Option<(&Group, usize)> {
    let inner = usize::from(is_punct(trees.get(at + 1), '!'));
    let group = as_group(trees.get(at + 1 + inner), Delimiter::Bracket)?;
    Some((group, at + 2 + inner))
}
