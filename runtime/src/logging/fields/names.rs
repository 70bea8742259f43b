//! The name of a variable on a line.

use std::ops::Range;

use super::escape::Syntax;

/// The names of the variables on one line, each of them once.
///
/// Most lines have the names of the line before: what is known of those is kept.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// All that the entries have, one behind the other, so that a line allocates nothing.
    text: String,
    entries: Vec<Entry>,
    /// How many of the entries are on this line. The others were on one before.
    used: usize,
    /// A bit for each of them: most names of members are told apart by it.
    bits: u64,
    form: Form,
}

/// What a name looks like, beside how it is declared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Form {
    pub(crate) syntax: Option<Syntax>,
    pub(crate) is_coloured: bool,
    /// Which set of [reserved](super::options::LineOptions) names applies.
    pub(crate) reserved: u32,
}

#[derive(Debug)]
struct Entry {
    declared: Range<usize>,
    name: Range<usize>,
    /// What is written in front of the value.
    label: Range<usize>,
    /// The bits of this name and of all before it.
    bits: u64,
}

impl Names {
    /// Starts a line.
    #[inline]
    pub(crate) fn begin(&mut self, form: Form) {
        self.clear();
        if self.form != form {
            self.form = form;
            self.entries.clear();
        }
    }

    /// Takes a name for what is called `declared`: that one, unless it is the formatter's or taken. Returns what
    /// `write_label` writes for it.
    #[inline]
    pub(crate) fn take(
        &mut self,
        declared: &str,
        reserved: &[&str],
        write_label: impl FnOnce(&str, &mut String),
    ) -> &str {
        let is_known = self.entries.get(self.used).is_some_and(|entry| {
            self.text.as_bytes()[entry.declared.clone()] == *declared.as_bytes()
        });
        if !is_known {
            self.add(declared, reserved, write_label);
        }
        let entry = &self.entries[self.used];
        self.used += 1;
        self.bits = entry.bits;
        &self.text[entry.label.clone()]
    }

    /// Puts a name in the place of the next entry and all behind it.
    #[inline(never)]
    fn add(
        &mut self,
        declared: &str,
        reserved: &[&str],
        write_label: impl FnOnce(&str, &mut String),
    ) {
        self.entries.truncate(self.used);
        self.text
            .truncate(self.entries.last().map_or(0, |entry| entry.label.end));
        let is_reserved = (RESERVED_BITS & bit(declared.as_bytes()) != 0
            && RESERVED.contains(&declared))
            || reserved.contains(&declared);
        let wanted = if is_reserved {
            format!("context_{declared}")
        } else {
            declared.to_owned()
        };
        let numbered = (2_usize..).map(|nth| format!("{wanted}_{nth}"));
        let mut candidates = std::iter::once(wanted.clone()).chain(numbered);
        let name = candidates
            .find(|name| !self.contains(name))
            .unwrap_or_default(); // there always is one
        let mut push = |text: &str| {
            let start = self.text.len();
            self.text.push_str(text);
            start..self.text.len()
        };
        let (declared, name_range) = (push(declared), push(&name));
        write_label(&name, &mut self.text);
        self.entries.push(Entry {
            declared,
            label: name_range.end..self.text.len(),
            name: name_range,
            bits: self.bits | bit(name.as_bytes()),
        });
    }

    /// Whether a variable has taken this name.
    #[inline]
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.may_contain(name.as_bytes()) && self.position(name).is_some()
    }

    /// False where no variable has taken this name.
    #[inline]
    pub(crate) fn may_contain(&self, name: &[u8]) -> bool {
        self.bits & bit(name) != 0
    }

    /// Which of the names this is.
    pub(crate) fn position(&self, name: &str) -> Option<usize> {
        self.iter().position(|taken| taken == name)
    }

    /// The names in the order in which they were taken.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let entries = self.entries[..self.used].iter();
        entries.map(|entry| &self.text[entry.name.clone()])
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// Ends the line.
    pub(crate) fn clear(&mut self) {
        self.used = 0;
        self.bits = 0;
    }
}

/// One of 64 bits, by the length, the middle and the ends of a name. The factors tell apart what is usual.
#[inline]
const fn bit(bytes: &[u8]) -> u64 {
    let Some((first, _)) = bytes.split_first() else {
        return 1;
    };
    let (middle, last) = (bytes[bytes.len() / 2], bytes[bytes.len() - 1]);
    let sum = *first as usize + 3 * last as usize + middle as usize;
    1 << ((bytes.len() + sum) % 64)
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
        bits |= bit(RESERVED[nth].as_bytes());
        nth += 1;
    }
    bits
};
