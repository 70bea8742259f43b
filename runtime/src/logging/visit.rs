//! Everything that is on a log line by itself: the logged variables, the fields of the scope, the registered sources.

use std::cell::Cell;
use std::fmt::Display;

use super::field::{self, shown_of_name};
use crate::context::snapshot::visit_logged_of_current;
use crate::util::append_list::AppendList;
use crate::util::caught::caught;
use crate::var::shown::Shown;

/// How many keys all sources together add to a line.
const MOST_OF_SOURCES: usize = 32;

type Source = Box<dyn Fn(&mut dyn FnMut(&str, &dyn Display)) + Send + Sync>;

static SOURCES: AppendList<Source> = AppendList::new();

thread_local! {
    /// Whether this thread is inside of a source. What that logs would ask the source again, without end.
    static IN_SOURCE: Cell<bool> = const { Cell::new(false) };
}

/// Registers a function that adds keys to each log line, for the rest of the process: such as the trace id of a tracer.
///
/// It is called for each line, on the thread that logs, in the context of the line; it passes each key to its argument.
/// What it adds is on the line under the rules of variables: a name once, a value escaped and bounded. All sources
/// together add 32 keys; of a name 128 bytes are shown. A source that panics loses the keys that it has not added yet, nothing else; lines that it
/// logs itself have no keys of sources.
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
/// then of each [`field`](crate::field()) and of each [registered source](add_log_source): for formatters of log lines.
///
/// It is the scope's own context, `task_only` variables included, in a fixed order. The values are not escaped: who
/// writes them to a line does that.
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

/// The logged variables alone.
pub(super) fn visit_variables(f: &mut dyn FnMut(&str, Shown<'_>)) {
    visit_logged_of_current(f);
}

/// What is on a line behind the variables.
pub(super) fn visit_others(f: &mut dyn FnMut(&str, Shown<'_>)) {
    field::visit(f);
    let mut sources = SOURCES.iter().peekable();
    if sources.peek().is_some() {
        if let Some(_asking) = Asking::begin() {
            sources.fold(MOST_OF_SOURCES, |left, source| ask(source, left, f));
        }
    }
}

/// Passes on what `source` adds, `left` keys at most; returns how many are left.
fn ask(source: &Source, mut left: usize, f: &mut dyn FnMut(&str, Shown<'_>)) -> usize {
    // What it has added is whole; what it was about to add is not on the line.
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

/// Marks the thread for as long as it asks sources.
struct Asking(());

impl Asking {
    fn begin() -> Option<Self> {
        (!IN_SOURCE.replace(true)).then(|| Self(()))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        IN_SOURCE.set(false);
    }
}
