//! Finds the spawn sites of a function, with the macro's own walk.

use std::ops::Range;

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use propagate_context_macros_core as macros;
use propagate_context_macros_core::record::{self, Outcome, Recording};
use quote::{ToTokens, quote};
use syn::Expr;
use syn::parse::Parser;
use syn::punctuated::Punctuated;

use crate::source::{range, unraw};

/// A call that spawns.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "facts, each by itself")]
pub(crate) struct Site {
    pub(crate) segments: Vec<String>,
    pub(crate) is_method: bool,
    /// The last segment of the callee.
    pub(crate) name_at: Range<usize>,
    pub(crate) arguments: Range<usize>,
    /// Whether a turbofish fixes the type of the spawned value.
    pub(crate) is_typed: bool,
    pub(crate) outcome: Outcome,
    pub(crate) argument: Argument,
    /// The identifiers in the arguments.
    pub(crate) mentioned: Vec<String>,
    /// Whether the argument is a future or closure that the function has as a parameter.
    pub(crate) passes_parameter: bool,
    /// Whether the configuration names the spawner, regardless of where it is defined.
    pub(crate) is_configured: bool,
    /// Whether only the compiler's type resolution has found it.
    pub(crate) resolved: bool,
}

/// The kind of the spawned expression, judging by its syntax.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Argument {
    /// An `async` block or a closure.
    Literal,
    /// A call, a variable, a path.
    Value,
    /// An expression that no spawner takes.
    Other,
    /// The closures of a rayon chain.
    Chain,
}

/// Spawners with names that no other functions have.
const KNOWN: &[&str] = &[
    "block",
    "on_upgrade",
    "spawn",
    "spawn_blocking",
    "spawn_blocking_on",
    "spawn_fifo",
    "spawn_local",
    "spawn_local_on",
    "spawn_on",
    "spawn_pinned",
    "spawn_pinned_by_idx",
    "spawn_scoped",
    "track_future",
    "unblock",
];

/// Types whose `spawn` runs its argument in the same task.
const NO_SPAWNERS: &[&str] = &["Retry", "RetryIf"];

/// The attribute that the sites are expanded with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Attribute {
    Propagate(String),
    Entry(String),
}

/// The result of expanding a function.
pub(super) struct Expanded {
    pub(super) sites: Vec<Site>,
    /// Code that the user has excluded.
    pub(super) skipped: Vec<Range<usize>>,
    /// Why the attribute cannot be applied.
    pub(super) cannot: Option<String>,
}

/// Expands `item`, a function without attributes of this crate.
pub(super) fn of_item(item: TokenStream, attribute: &Attribute) -> Expanded {
    let recording = record_item(item, attribute);
    let skipped = recording.skipped.iter();
    Expanded {
        sites: recording.sites.iter().filter_map(Site::read).collect(),
        skipped: skipped
            .map(|(first, last)| range(*first).start..range(*last).end)
            .collect(),
        cannot: recording.error,
    }
}

fn record_item(item: TokenStream, attribute: &Attribute) -> Recording {
    let expand = || match attribute {
        Attribute::Propagate(args) => macros::propagate_context(tokens(args), item),
        Attribute::Entry(args) => macros::context_entry(tokens(args), item),
    };
    record::record(expand).1
}

fn tokens(text: &str) -> TokenStream {
    text.parse().unwrap_or_default()
}

/// Returns the sites in tokens that are not a function: the body of a `macro_rules!`.
pub(super) fn of_tokens(body: &TokenStream) -> Vec<Site> {
    let item = quote!(fn transcribed() { #body });
    of_item(item, &Attribute::Propagate(String::new())).sites
}

/// Whether the macro considers this path a spawner.
pub(crate) fn is_spawner_name(segments: &[String]) -> bool {
    if !segments.last().is_some_and(|last| KNOWN.contains(&&**last)) {
        return false;
    }
    let idents = segments.iter().map(|segment| ident(segment));
    let item = quote!(fn probe() { #(#idents)::* (async {}) });
    let sites = record_item(item, &Attribute::Propagate(String::new())).sites;
    sites.iter().any(|site| site.outcome != Outcome::Untouched)
}

fn ident(text: &str) -> Ident {
    match text.strip_prefix("r#") {
        Some(text) => Ident::new_raw(text, Span::call_site()),
        None => Ident::new(text, Span::call_site()),
    }
}

impl Site {
    fn read(site: &record::Site) -> Option<Self> {
        let argument = if site.segments.last()?.contains("par_") {
            Argument::Chain
        } else {
            argument(&site.arguments)
        };
        let name = site.segments.last()?;
        let of = site.segments.iter().rev().nth(1);
        if of.is_some_and(|of| NO_SPAWNERS.contains(&&**of)) {
            return None;
        }
        let is_site = match argument {
            Argument::Chain | Argument::Literal => true,
            Argument::Other => false,
            // A value that is passed to an unknown `spawn_..` function is almost always an ordinary argument.
            Argument::Value => KNOWN.contains(&&**name),
        };
        if !is_site {
            return None;
        }
        let mut mentioned = Vec::new();
        identifiers(site.arguments.stream(), &mut mentioned);
        Some(Site {
            segments: site
                .segments
                .iter()
                .map(|segment| segment.trim_start_matches("r#").to_owned())
                .collect(),
            is_method: site.is_method,
            name_at: range(site.name),
            arguments: range(site.arguments.span()),
            is_typed: site.is_typed,
            outcome: site.outcome,
            argument,
            mentioned,
            passes_parameter: false,
            is_configured: false,
            resolved: false,
        })
    }

    /// Returns a site that clippy has found, but the macro's walk has not.
    pub(crate) fn resolved(name: &str, at: Range<usize>) -> Self {
        Site {
            segments: vec![name.to_owned()],
            is_method: false,
            arguments: at.end..at.end,
            name_at: at,
            is_typed: false,
            outcome: Outcome::Untouched,
            argument: Argument::Value,
            mentioned: Vec::new(),
            passes_parameter: false,
            is_configured: false,
            resolved: true,
        }
    }

    /// Returns the callee as it is shown: `tokio::spawn`, `.spawn`.
    pub(crate) fn shown(&self) -> String {
        let path = self.segments.join("::");
        if self.is_method {
            format!(".{path}")
        } else {
            path
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.segments.last().map_or("", |last| last)
    }
}

fn argument(arguments: &Group) -> Argument {
    let parse = Punctuated::<Expr, syn::Token![,]>::parse_terminated;
    let Ok(parsed) = parse.parse2(arguments.stream()) else {
        // The fragments of a `macro_rules!`: `$future`.
        return if arguments.stream().is_empty() {
            Argument::Other
        } else if has_literal(arguments.stream()) {
            Argument::Literal
        } else {
            Argument::Value
        };
    };
    let kinds: Vec<Argument> = parsed.iter().map(kind).collect();
    if kinds.contains(&Argument::Literal) {
        Argument::Literal
    } else {
        // The key of a `JoinMap` precedes the job.
        kinds.last().copied().unwrap_or(Argument::Other)
    }
}

fn kind(expr: &Expr) -> Argument {
    match expr {
        Expr::Async(_) | Expr::Closure(_) => Argument::Literal,
        Expr::Paren(inner) => kind(&inner.expr),
        Expr::Group(inner) => kind(&inner.expr),
        Expr::Array(_)
        | Expr::Lit(_)
        | Expr::Range(_)
        | Expr::Repeat(_)
        | Expr::Struct(_)
        | Expr::Tuple(_) => Argument::Other,
        other => {
            if has_literal(other.to_token_stream()) {
                Argument::Literal
            } else {
                Argument::Value
            }
        }
    }
}

/// Whether an expression contains a literal: `Box::pin(async { .. })`, `async { .. }.instrument(span)`,
/// `match x { .. }`.
fn has_literal(tokens: TokenStream) -> bool {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    trees.iter().enumerate().any(|(at, tree)| match tree {
        TokenTree::Ident(word) => {
            let follows_body = trees[at + 1..].iter().any(
                |tree| matches!(tree, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace),
            );
            word == "async" && follows_body
        }
        TokenTree::Group(group) => has_literal(group.stream()),
        _ => false,
    })
}

fn identifiers(tokens: TokenStream, found: &mut Vec<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Ident(ident) => found.push(unraw(&ident)),
            TokenTree::Group(group) => identifiers(group.stream(), found),
            _ => {}
        }
    }
}
