//! `visit_logged`: everything that is added to log lines: the logged variables, the fields of the scope, the registered
//! sources.

use std::cell::Cell;
use std::fmt::Display;

use super::field::{self, shown_of_name};
use crate::context::snapshot::visit_logged_of_current;
use crate::util::append_list::AppendList;
use crate::util::caught::caught;
use crate::var::shown::Shown;

/// The maximum number of keys that all sources together add to a line.
const MAX_FROM_SOURCES: usize = 32;

type Source = Box<dyn Fn(&mut dyn FnMut(&str, &dyn Display)) + Send + Sync>;

static SOURCES: AppendList<Source> = AppendList::new();

thread_local! {
    /// Whether this thread is calling a source. A line that a source logs must not call it again, which would recurse
    /// without end.
    static IN_SOURCE: Cell<bool> = const { Cell::new(false) };
}

/// Registers a function that adds keys to each log line for the rest of the process, such as the trace id of a tracer.
///
/// The function is called for each line, on the thread that logs and in the context of the line, and passes each key
/// and value to its argument. The keys follow the rules for variables: names are unique, and values are escaped and
/// bounded. All sources together add at most 32 keys, and names are truncated to 128 bytes. If a source panics, only
/// the keys that it has not added yet are lost. Lines that a source logs itself have no keys of sources.
///
/// ```
/// use propagate_context::{add_log_source, visit_logged};
///
/// add_log_source(|add| add("build", &"2026-11-28"));
///
/// let mut line = String::new();
/// visit_logged(|name, value| line += &format!("{name}={value}"));
/// assert_eq!(line, "build=2026-11-28");
/// ```
pub fn add_log_source(source: impl Fn(&mut dyn FnMut(&str, &dyn Display)) + Send + Sync + 'static) {
    SOURCES.push(Box::new(source));
}

/// Calls `f` with the name and the value of each [`logged`](crate::ContextVar::logged) variable of the current scope,
/// then of each [`field`](crate::field()) and of each [registered source](add_log_source). Use it in custom log
/// formatters.
///
/// It reads the scope's own context, including `task_only` variables, in a fixed order. The values are not escaped: the
/// formatter has to do that.
///
/// ```
/// # use propagate_context::{ContextVar, visit_logged};
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
/// static SECRET: ContextVar<String> = ContextVar::new("secret");
///
/// let line = TENANT.sync_scope("acme".to_owned(), || {
///     SECRET.sync_scope("hush".to_owned(), || {
///         let mut line = String::from("placed an order");
///         visit_logged(|name, value| line += &format!(" {name}={value}"));
///         line
///     })
/// });
/// assert_eq!(line, "placed an order tenant=acme");
/// ```
pub fn visit_logged(mut f: impl FnMut(&str, &dyn Display)) {
    visit(&mut |name, shown| f(name, shown.value));
}

pub(crate) fn visit(f: &mut dyn FnMut(&str, Shown<'_>)) {
    visit_variables(f);
    visit_others(f);
}

/// Visits only the logged variables.
pub(super) fn visit_variables(f: &mut dyn FnMut(&str, Shown<'_>)) {
    visit_logged_of_current(f);
}

/// Visits the keys that follow the variables on a line.
pub(super) fn visit_others(f: &mut dyn FnMut(&str, Shown<'_>)) {
    field::visit(f);
    let mut sources = SOURCES.iter().peekable();
    if sources.peek().is_some() {
        if let Some(_visiting) = Visiting::begin() {
            sources.fold(MAX_FROM_SOURCES, |left, source| {
                visit_source(source, left, f)
            });
        }
    }
}

/// Calls `f` with up to `left` keys that `source` adds, and returns how many are left.
fn visit_source(source: &Source, mut left: usize, f: &mut dyn FnMut(&str, Shown<'_>)) -> usize {
    // If the source panics, the keys that it has added so far are complete.
    caught(|| {
        source(&mut |name, value| {
            if left > 0 && !name.is_empty() {
                left -= 1;
                f(shown_of_name(name), Shown::display(value));
            }
        });
    });
    left
}

/// Marks the thread while it calls sources.
struct Visiting(());

impl Visiting {
    fn begin() -> Option<Self> {
        (!IN_SOURCE.replace(true)).then(|| Self(()))
    }
}

impl Drop for Visiting {
    fn drop(&mut self) {
        IN_SOURCE.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, visit_source};

    #[test]
    fn a_source_adds_as_many_keys_as_are_left() {
        let source: Source = Box::new(|add| {
            for name in ["a", "", "b", "c"] {
                add(name, &1);
            }
        });
        for (left, names, then_left) in [(2, "ab", 0), (4, "abc", 1), (0, "", 0)] {
            let mut seen = String::new();
            assert_eq!(
                visit_source(&source, left, &mut |name, _| seen += name),
                then_left
            );
            assert_eq!(seen, names);
        }
    }
}
