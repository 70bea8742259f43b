//! The name of a variable on a line.

/// The names of the variables on one line, each of them once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// One behind the other, so that a line allocates nothing.
    text: String,
    ends: Vec<usize>,
}

impl Names {
    /// Takes a name for what is called `declared`: that one, unless it is the formatter's or taken.
    pub(crate) fn take(&mut self, declared: &str, reserved: &[&str]) -> &str {
        let start = self.text.len();
        if is_reserved(declared) || reserved.contains(&declared) {
            self.text.push_str("context_");
        }
        self.text.push_str(declared);
        if self.contains(&self.text[start..]) {
            self.number(start);
        }
        self.ends.push(self.text.len());
        &self.text[start..]
    }

    #[cold]
    fn number(&mut self, start: usize) {
        let name = self.text.split_off(start);
        let mut numbered = (2_usize..).map(|nth| format!("{name}_{nth}"));
        let free = numbered.find(|name| !self.contains(name));
        self.text += &free.unwrap_or_default(); // there always is one
    }

    /// Whether a variable has taken this name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Which of the names this is.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.iter().position(|taken| taken == name)
    }

    /// The names in the order in which they were taken.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |&end| &self.text[std::mem::replace(&mut start, end)..end])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
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
