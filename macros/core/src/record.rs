//! What the walk has met, for tools that report it instead of compiling it.
//!
//! `cargo propagate-context` expands each function and reads here which calls are spawn sites and
//! which of them the attribute rewrites, so that it cannot disagree with the attribute.

use std::cell::RefCell;

use proc_macro2::{Delimiter, Group, Span, TokenStream};

/// What becomes of the arguments of a spawn site.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// They are rewritten, and propagate the context.
    Propagated,
    /// They are rewritten, and run in an empty context on purpose.
    Detached,
    /// They stay as they are.
    Untouched,
}

/// A call that is named like a spawner.
#[derive(Clone, Debug)]
pub struct Site {
    /// The segments of its path, or the name of the method alone.
    pub segments: Vec<String>,
    /// Whether it is a method call.
    pub is_method: bool,
    /// The last segment.
    pub name: Span,
    /// The arguments as the user wrote them. Empty for a chain of rayon's.
    pub arguments: Group,
    /// Whether a turbofish spells out their type, so that they have to stay.
    pub is_typed: bool,
    /// What becomes of them.
    pub outcome: Outcome,
}

/// What one expansion met.
#[derive(Default, Debug)]
pub struct Recording {
    /// The spawn sites, inner ones before the call that they are an argument of.
    pub sites: Vec<Site>,
    /// Where `#[propagate_context(skip)]` is on: the first token and the last.
    pub skipped: Vec<(Span, Span)>,
    /// Why the attribute cannot be applied, if it cannot.
    pub error: Option<String>,
}

thread_local! {
    static RECORDING: RefCell<Option<Recording>> = const { RefCell::new(None) };
}

/// Runs `expand`, and returns what its expansions met.
pub fn record<R>(expand: impl FnOnce() -> R) -> (R, Recording) {
    let outer = RECORDING.replace(Some(Recording::default()));
    let expanded = expand();
    let recording = RECORDING.replace(outer).unwrap_or_default();
    (expanded, recording)
}

/// Whether a tool records what is met.
pub(crate) fn is_on() -> bool {
    RECORDING.with_borrow(Option::is_some)
}

pub(crate) fn site(site: impl FnOnce() -> Site) {
    with(|recording| recording.sites.push(site()));
}

/// What the user has left alone on purpose.
pub(crate) fn skipped(tokens: &TokenStream) {
    with(|recording| {
        let mut spans = tokens.clone().into_iter().map(|tree| tree.span());
        if let Some(first) = spans.next() {
            recording
                .skipped
                .push((first, spans.last().unwrap_or(first)));
        }
    });
}

pub(crate) fn error(error: &syn::Error) {
    with(|recording| {
        recording.error.get_or_insert_with(|| error.to_string());
    });
}

fn with(write: impl FnOnce(&mut Recording)) {
    RECORDING.with_borrow_mut(|recording| recording.as_mut().map(write));
}

pub(crate) fn no_arguments(at: Span) -> Group {
    let mut group = Group::new(Delimiter::Parenthesis, TokenStream::new());
    group.set_span(at);
    group
}
