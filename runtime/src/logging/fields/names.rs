//! Under which name a variable stands on a line.

use std::borrow::Cow;

/// The names of the variables on one line, each of them once.
#[derive(Debug, Default)]
pub(crate) struct Names(Vec<Cow<'static, str>>);

impl Names {
    /// Takes a name for a variable that is declared as `declared`: that one, unless it is the formatter's or taken.
    pub(crate) fn take(&mut self, declared: &'static str) -> &str {
        let mut name = Cow::Borrowed(declared);
        if is_reserved(declared) {
            name = Cow::Owned(format!("context_{declared}"));
        }
        if self.contains(&name) {
            let numbered = (2..).map(|nth| format!("{name}_{nth}"));
            let free = numbered.into_iter().find(|name| !self.contains(name));
            name = Cow::Owned(free.unwrap_or_default()); // there always is one
        }
        self.0.push(name);
        &self.0[self.0.len() - 1]
    }

    /// Whether a variable has taken this name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|taken| taken == name)
    }

    /// The names in the order in which they were taken.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

/// The name for a field that the event itself has under the name of a variable.
pub(crate) fn of_event(name: &str) -> String {
    format!("event_{name}")
}

/// Whether `tracing_subscriber`'s JSON format calls a key of its own like this, or the message of a flattened event.
fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "fields"
            | "filename"
            | "level"
            | "line_number"
            | "message"
            | "span"
            | "spans"
            | "target"
            | "threadId"
            | "threadName"
            | "timestamp"
    )
}
