//! The names of the variables on a line.

use std::ops::Range;

use super::escape::Syntax;

/// The names of the variables on one line, without duplicates.
///
/// Most lines have the same names as the previous line, so the entries are kept.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The text of all entries in one buffer, so that a line allocates nothing.
    text: String,
    entries: Vec<Entry>,
    /// The number of entries on this line. The others were on a previous one.
    used: usize,
    /// A bit for each name on this line, which rules out most other names.
    bits: u64,
    form: Form,
}

/// The form of a name, apart from how it is declared.
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
    /// The text before the value.
    label: Range<usize>,
    /// The bits of this name and of all names before it.
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

    /// Takes a name for the variable or key `declared`: the same name, unless it is reserved or taken. Returns the
    /// label that `write_label` writes for it.
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

    /// Replaces the next entry and all entries after it by a new one.
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

    /// Whether a variable on this line has this name.
    #[inline]
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.may_contain(name.as_bytes()) && self.position(name).is_some()
    }

    /// Returns false if no variable on this line has this name; true does not mean that one has.
    #[inline]
    pub(crate) fn may_contain(&self, name: &[u8]) -> bool {
        self.bits & bit(name) != 0
    }

    /// The index of this name.
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

/// Maps a name to one of 64 bits, by its length, middle and ends. The factors were chosen to separate common names.
#[inline]
const fn bit(bytes: &[u8]) -> u64 {
    let Some((first, _)) = bytes.split_first() else {
        return 1;
    };
    let (middle, last) = (bytes[bytes.len() / 2], bytes[bytes.len() - 1]);
    let sum = *first as usize + 3 * last as usize + middle as usize;
    1 << ((bytes.len() + sum) % 64)
}

/// The name of an event's own field that has the name of a variable.
pub(crate) fn of_event(name: &str) -> String {
    format!("event_{name}")
}

/// The keys that `tracing_subscriber`'s JSON format uses, and the message of a flattened event.
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

#[cfg(test)]
mod tests {
    use super::{Form, Names, RESERVED, RESERVED_BITS, bit};

    /// Takes names on a new line. Returns the names, and how many labels were written for them.
    fn line(names: &mut Names, declared: &[&str]) -> (Vec<String>, usize) {
        let mut written = 0;
        names.begin(Form::default());
        for declared in declared {
            let label = names.take(declared, &["level2"], |name, label| {
                written += 1;
                label.push_str(name);
                label.push('=');
            });
            assert!(label.ends_with('='), "{label}");
        }
        let taken: Vec<_> = names.iter().map(ToOwned::to_owned).collect();
        assert_eq!(names.is_empty(), taken.is_empty());
        for (position, name) in taken.iter().enumerate() {
            assert!(names.contains(name) && names.may_contain(name.as_bytes()));
            assert_eq!(names.position(name), Some(position));
        }
        (taken, written)
    }

    #[test]
    fn a_line_after_another() {
        let mut names = Names::default();
        let mut line = |declared: &[&str]| line(&mut names, declared);
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(line(&["a", "b", "c"]), (owned(&["a", "b", "c"]), 3));
        // No label is written again for the same names.
        assert_eq!(line(&["a", "b", "c"]), (owned(&["a", "b", "c"]), 0));
        assert_eq!(line(&["a"]), (owned(&["a"]), 0));
        assert_eq!(line(&["a", "b"]), (owned(&["a", "b"]), 0));
        // After a different name, all labels are written again.
        assert_eq!(
            line(&["a", "c", "c", "c"]),
            (owned(&["a", "c", "c_2", "c_3"]), 3)
        );
        assert_eq!(line(&[]), (owned(&[]), 0));
        let reserved = owned(&[
            "context_level",
            "context_level2",
            "level3",
            "context_level_2",
        ]);
        assert_eq!(line(&["level", "level2", "level3", "level"]), (reserved, 4));
    }

    /// The bits only rule names out: names with the same bit are still distinguished.
    #[test]
    fn names_with_the_same_bit() {
        let same = |name: &String| bit(name.as_bytes()) == bit(b"a");
        let other = (0..1000).map(|n| format!("b{n}")).find(same).unwrap();
        let mut names = Names::default();
        let (taken, _) = line(&mut names, &["a", &other, "a", &other]);
        assert_eq!(
            taken,
            [
                "a".to_owned(),
                other.clone(),
                "a_2".to_owned(),
                format!("{other}_2")
            ]
        );
        names.clear();
        assert!(!names.contains("a") && !names.may_contain(b"a"));
        let has_bit = |name: &&str| RESERVED_BITS & bit(name.as_bytes()) != 0;
        assert_eq!(
            RESERVED.iter().filter(|name| has_bit(name)).count(),
            RESERVED.len()
        );
    }

    #[test]
    fn bits_of_names_are_spread() {
        assert_eq!(bit(b""), 1);
        let names = [
            "request_id",
            "tenant",
            "user",
            "order",
            "trace_id",
            "a",
            "b",
            "ab",
            "ba",
        ];
        let mut bits: Vec<u64> = names.iter().map(|name| bit(name.as_bytes())).collect();
        assert!(bits.iter().all(|bit| bit.is_power_of_two()));
        bits.sort_unstable();
        bits.dedup();
        assert!(bits.len() > names.len() / 2, "{bits:?}");
    }
}
