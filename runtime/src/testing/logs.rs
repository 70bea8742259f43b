//! `Logs`: the captured log lines.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_core::Level;

/// The log lines of a test; see the [module](super).
#[derive(Clone, Default)]
pub struct Logs(Arc<Mutex<Vec<Line>>>);

/// One captured event.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Line {
    /// The level.
    pub level: Level,
    /// The target.
    pub target: String,
    /// The message.
    pub message: String,
    /// The event's own fields except the message, formatted with `Debug`; strings are not quoted.
    pub fields: Vec<(String, String)>,
    /// The variables, the fields of the scope and the keys of sources, as on a log line.
    pub variables: Vec<(String, String)>,
}

impl Line {
    /// Returns the event's field with this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        find(&self.fields, name)
    }

    /// Returns the variable that is on the line under this name.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<&str> {
        find(&self.variables, name)
    }
}

fn find<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut pairs = pairs.iter();
    pairs.find_map(|(known, value)| (known == name).then_some(&**value))
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.level)?;
        for (name, value) in &self.variables {
            write!(f, " {name}={value:?}")?;
        }
        write!(f, " {}: {}", self.target, self.message)?;
        for (name, value) in &self.fields {
            write!(f, " {name}={value:?}")?;
        }
        Ok(())
    }
}

impl Logs {
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(super) fn push(&self, line: Line) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }

    /// Returns the lines captured so far, in order.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the first line whose message contains `text`.
    ///
    /// # Panics
    ///
    /// Panics if there is none.
    #[must_use]
    #[track_caller]
    pub fn find(&self, text: &str) -> Line {
        let mut lines = self.lines().into_iter();
        match lines.find(|line| line.message.contains(text)) {
            Some(line) => line,
            None => panic!("no line contains {text:?}:\n{self}"),
        }
    }

    /// Asserts that lines have been captured, and that each of them has this variable with this value.
    ///
    /// # Panics
    ///
    /// Panics if a line does not, or if there are no lines.
    #[track_caller]
    pub fn assert_each_has(&self, variable: &str, value: &str) {
        let lines = self.lines();
        assert!(!lines.is_empty(), "no line was captured");
        for line in lines {
            assert!(
                line.variable(variable) == Some(value),
                "no {variable}={value:?} on `{line}`, one of:\n{self}"
            );
        }
    }
}

/// Formats each captured line on a line of its own.
impl fmt::Display for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines()
            .iter()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Debug for Logs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lines()).finish()
    }
}
