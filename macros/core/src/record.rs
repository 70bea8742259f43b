//! Records what the walk finds, for tools that report spawn sites instead of compiling the code.
//!
//! `cargo propagate-context` expands each function and reads from the recording which calls are spawn sites and
//! which of them the attribute rewrites, so the tool cannot disagree with the attribute.

use std::cell::RefCell;

use proc_macro2::{Delimiter, Group, Span, TokenStream};

/// How the arguments of a spawn site are treated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// They are rewritten, and propagate the context.
    Propagated,
    /// They are rewritten to run in an empty context, as the user requested.
    Detached,
    /// They are unchanged.
    Untouched,
}

/// A call of a function that is named like a spawner.
#[derive(Clone, Debug)]
pub struct Site {
    /// The segments of its path, or only the name of the method.
    pub segments: Vec<String>,
    /// Whether it is a method call.
    pub is_method: bool,
    /// The span of the last segment.
    pub name: Span,
    /// The arguments as the user wrote them. Empty for a rayon chain.
    pub arguments: Group,
    /// Whether a turbofish fixes the type of the arguments, which must then stay unchanged.
    pub is_typed: bool,
    /// How the arguments are treated.
    pub outcome: Outcome,
}

/// What one expansion found.
#[derive(Default, Debug)]
pub struct Recording {
    /// The spawn sites. A site in the arguments of another one precedes it.
    pub sites: Vec<Site>,
    /// The code that `#[propagate_context(skip)]` applies to: its first and last token.
    pub skipped: Vec<(Span, Span)>,
    /// Why the attribute cannot be applied, if it cannot.
    pub error: Option<String>,
}

thread_local! {
    static RECORDING: RefCell<Option<Recording>> = const { RefCell::new(None) };
}

/// Runs `expand`, and returns its result and what its expansions found.
pub fn record<R>(expand: impl FnOnce() -> R) -> (R, Recording) {
    let outer = RECORDING.replace(Some(Recording::default()));
    let expanded = expand();
    let recording = RECORDING.replace(outer).unwrap_or_default();
    (expanded, recording)
}

/// Whether a recording is in progress.
pub(crate) fn is_on() -> bool {
    RECORDING.with_borrow(Option::is_some)
}

pub(crate) fn site(site: impl FnOnce() -> Site) {
    with(|recording| recording.sites.push(site()));
}

/// Records code that the user has excluded.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagate_context;

    fn recorded(item: &str) -> Recording {
        record(|| propagate_context(TokenStream::new(), item.parse().unwrap())).1
    }

    #[test]
    fn each_site_is_recorded_with_what_becomes_of_it() {
        let recording = recorded(
            "fn f() {
                tokio::spawn(a);
                #[detached] spawn(b);
                spawn::<T>(c);
                pool.spawn_other(d);
                #[propagate_context(skip)] spawn(e);
                f.par_iter().for_each(|g| h(g));
            }",
        );
        let sites = recording.sites.iter().map(|site| {
            let Site {
                is_method,
                is_typed,
                outcome,
                ..
            } = site;
            (site.segments.join("::"), *is_method, *is_typed, *outcome)
        });
        let expected = [
            ("tokio::spawn", false, false, Outcome::Propagated),
            ("spawn", false, false, Outcome::Detached),
            ("spawn", false, true, Outcome::Untouched),
            ("spawn_other", true, false, Outcome::Untouched),
            ("par_iter", true, false, Outcome::Propagated),
        ];
        let expected = expected.map(|(name, a, b, outcome)| (name.to_owned(), a, b, outcome));
        assert_eq!(sites.collect::<Vec<_>>(), expected);
        assert_eq!(recording.skipped.len(), 1);
        assert_eq!(recording.error, None);
    }

    #[test]
    fn sites_are_recorded_before_an_attribute_that_is_expanded_first() {
        let item = "#[instrument] fn f() -> BoxFuture<u8> { spawn(a); Box::pin(async { 1 }) }";
        assert_eq!(recorded(item).sites.len(), 1);
    }

    #[test]
    fn the_first_error_is_recorded() {
        let error = recorded("struct A;").error.unwrap();
        assert!(error.contains("`struct`"), "{error}");
    }

    #[test]
    fn nothing_is_recorded_outside() {
        assert!(!is_on());
        let ((), recording) = record(|| assert!(is_on()));
        assert!(!is_on());
        assert!(recording.sites.is_empty());
    }
}
