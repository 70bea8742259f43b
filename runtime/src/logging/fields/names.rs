//! The name of a variable on a line.

/// The names of the variables on one line, each of them once.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// One behind the other, so that a line allocates nothing.
    text: String,
    ends: Vec<usize>,
    /// A bit for each of them: most names of members are told apart by it.
    bits: u64,
}

impl Names {
    /// Takes a name for what is called `declared`: that one, unless it is the formatter's or taken.
    #[inline]
    pub(crate) fn take(&mut self, declared: &str, reserved: &[&str]) -> &str {
        let start = self.text.len();
        let mut bit = bit(declared);
        if (RESERVED_BITS & bit != 0 && RESERVED.contains(&declared))
            || reserved.contains(&declared)
        {
            self.text.push_str("context_");
            self.text.push_str(declared);
            bit = self::bit(&self.text[start..]);
        } else {
            self.text.push_str(declared);
        }
        if self.bits & bit != 0 && self.contains(&self.text[start..]) {
            self.number(start);
            bit = self::bit(&self.text[start..]);
        }
        self.bits |= bit;
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
    #[inline]
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.bits & bit(name) != 0 && self.position(name).is_some()
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
        self.bits = 0;
    }
}

/// One of 64 bits, by the length and the ends of a name.
#[inline]
const fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let Some((first, _)) = bytes.split_first() else {
        return 1;
    };
    let last = bytes[bytes.len() - 1];
    1 << ((bytes.len() + 5 * *first as usize + 11 * last as usize) % 64)
}

/// The name for a field that the event itself has under the name of a variable.
pub(crate) fn of_event(name: &str) -> String {
    format!("event_{name}")
}

/// What `tracing_subscriber`'s JSON format calls keys of its own, and the message of a flattened event.
const RESERVED: [&str; 11] = [
    "fields",
    "filename",
    "level",
    "line_number",
    "message",
    "span",
    "spans",
    "target",
    "threadId",
    "threadName",
    "timestamp",
];

const RESERVED_BITS: u64 = {
    let (mut bits, mut nth) = (0, 0);
    while nth < RESERVED.len() {
        bits |= bit(RESERVED[nth]);
        nth += 1;
    }
    bits
};
