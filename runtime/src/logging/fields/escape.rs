//! Escapes characters that break a line, or that move, hide or colour other characters.

use std::fmt::Write;

/// Where a text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// In a line for people: in quotes unless it is one word that can be told from what is around it.
    Text,
    /// In a JSON object: as a string. A reader of the JSON gets the value back as it is.
    Json,
    /// In a key-value pair of somebody else, who has to tell it from what is around it.
    Pair,
}

impl Syntax {
    /// Begins a name or value; returns what [`close`](Self::close) needs.
    pub(super) fn open(self, out: &mut String) -> usize {
        let start = out.len();
        if self == Self::Json {
            out.push('"');
        }
        start
    }

    /// Ends what was begun at `start`. `plain` says whether it can stand in a line of text without quotes.
    pub(super) fn close(self, start: usize, plain: bool, out: &mut String) {
        match self {
            Self::Json => out.push('"'),
            Self::Text if !plain || out.len() == start => {
                out.insert(start, '"');
                out.push('"');
            }
            Self::Text | Self::Pair => {}
        }
    }

    /// Appends `text` as a name or a value.
    pub(crate) fn push_text(self, text: &str, out: &mut String) {
        let start = self.open(out);
        let plain = self.escape(text, out);
        self.close(start, plain, out);
    }

    /// Appends `text`; returns whether all of it can stand in a line of text without quotes.
    pub(crate) fn escape(self, text: &str, out: &mut String) -> bool {
        if self.is_plain(text) {
            out.push_str(text);
            return true;
        }
        let mut plain = true;
        for c in text.chars() {
            plain &= self.push_char(c, out);
        }
        plain
    }

    /// Whether `text` can be appended as it is. Most can.
    #[inline]
    pub(crate) fn is_plain(self, text: &str) -> bool {
        let (mut rest, mut seen) = (text.as_bytes(), 0);
        while let Some((eight, behind)) = rest.split_first_chunk() {
            seen |= self.special(u64::from_le_bytes(*eight));
            rest = behind;
        }
        let mut last = [b'a'; 8];
        last[..rest.len()].copy_from_slice(rest);
        seen |= self.special(u64::from_le_bytes(last));
        seen & HIGHEST == 0
    }

    /// Has the highest bit of a byte set if that one, or one below it, cannot stand as it is, or may not.
    #[inline]
    fn special(self, eight: u64) -> u64 {
        let below = |limit: u8| eight.wrapping_sub(LOWEST * u64::from(limit)) & !eight;
        let equal = |byte: u8| {
            let zeros = eight ^ (LOWEST * u64::from(byte));
            zeros.wrapping_sub(LOWEST) & !zeros
        };
        let control = eight | below(0x20) | equal(0x7f); // what is not ASCII, too
        match self {
            // 0x20 is a space.
            Self::Text => {
                eight | below(0x21) | equal(0x7f) | equal(b'"') | equal(b'\\') | equal(b'=')
            }
            Self::Json => control | equal(b'"') | equal(b'\\'),
            Self::Pair => control,
        }
    }

    fn push_char(self, c: char, out: &mut String) -> bool {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '"' | '\\' if self != Self::Pair => out.extend(['\\', c]),
            _ if is_harmful(c) => self.push_code(c, out),
            _ => {
                out.push(c);
                return c != '=' && !c.is_whitespace();
            }
        }
        false
    }

    fn push_code(self, c: char, out: &mut String) {
        // A `String` takes everything.
        if self == Self::Json {
            for unit in c.encode_utf16(&mut [0; 2]) {
                _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// A one, and the highest bit, of each of eight bytes.
const LOWEST: u64 = u64::from_le_bytes([0x01; 8]);
const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);

/// Whether `c` acts on what is around it instead of standing for itself: it ends a line, starts an escape sequence of
/// a terminal, changes the direction of the text, or is not seen.
///
/// The zero-width joiner and non-joiner and the first sixteen variation selectors are left alone: whole scripts, and
/// emoji, cannot be spelled without them.
fn is_harmful(c: char) -> bool {
    c.is_control() // C0, DEL and C1
        || matches!(
            c,
            '\u{ad}'                    // the soft hyphen
            | '\u{34f}'                 // the grapheme joiner
            | '\u{61c}'                 // a mark of direction
            | '\u{115f}'..='\u{1160}'   // Hangul fillers
            | '\u{17b4}'..='\u{17b5}'   // inherent vowels of Khmer
            | '\u{180e}'                // the vowel separator of Mongolian
            | '\u{200b}'                // a space of no width
            | '\u{200e}'..='\u{200f}'   // marks of direction
            | '\u{2028}'..='\u{2029}'   // the ends of a line and of a paragraph
            | '\u{202a}'..='\u{202e}'   // directions, embedded or overridden
            | '\u{2060}'..='\u{206f}'   // invisible operators, isolated directions
            | '\u{3164}'                // the Hangul filler
            | '\u{feff}'                // the byte order mark
            | '\u{ffa0}'                // the half-width Hangul filler
            | '\u{fff9}'..='\u{fffb}'   // annotations between the lines
            | '\u{1d173}'..='\u{1d17a}' // beams and slurs
            | '\u{e0000}'..='\u{e0fff}' // tags, supplementary variation selectors
        )
}
