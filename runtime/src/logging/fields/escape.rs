//! Escapes characters that break a line, or that move, hide or colour other characters.

use std::fmt::Write;

/// The place that text is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// In a line of text: quoted unless it is a single word that cannot be confused with the surrounding text.
    Text,
    /// In a JSON object: as a string. Parsing the JSON returns the original value.
    Json,
    /// In a key-value pair that a logger writes and has to delimit.
    Pair,
    /// As part of a line that a format or a logger writes, such as the message of an event.
    Message,
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

    /// Ends the name or value that was begun at `start`. `plain` says whether it can be in a line of text without
    /// quotes.
    pub(super) fn close(self, start: usize, plain: bool, out: &mut String) {
        match self {
            Self::Json => out.push('"'),
            Self::Text if !plain || out.len() == start => {
                out.insert(start, '"');
                out.push('"');
            }
            Self::Text | Self::Pair | Self::Message => {}
        }
    }

    /// Appends `text` as a name or a value.
    pub(crate) fn push_text(self, text: &str, out: &mut String) {
        let start = self.open(out);
        let plain = self.escape(text, out);
        self.close(start, plain, out);
    }

    /// Appends `text`. Returns whether all of it can be in a line of text without quotes.
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

    /// Whether `text` can be appended verbatim. Most text can.
    #[inline]
    pub(crate) fn is_plain(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        let Some(last) = bytes.last_chunk() else {
            let mut all = [b'a'; 8];
            for (place, byte) in all.iter_mut().zip(bytes) {
                *place = *byte;
            }
            return self.special(u64::from_le_bytes(all)) & HIGHEST == 0;
        };
        // The last eight bytes may overlap those before.
        let mut seen = self.special(u64::from_le_bytes(*last));
        let mut rest = bytes;
        while let Some((eight, behind)) = rest.split_first_chunk() {
            seen |= self.special(u64::from_le_bytes(*eight));
            rest = behind;
        }
        seen & HIGHEST == 0
    }

    /// Sets the highest bit of a byte if one of the eight bytes cannot be written verbatim, or possibly cannot.
    #[inline]
    fn special(self, eight: u64) -> u64 {
        // As long as no byte is special, none of these borrows from the next byte.
        let below = |limit: u8| eight.wrapping_sub(LOWEST * u64::from(limit));
        let equal = |byte: u8| (eight ^ (LOWEST * u64::from(byte))).wrapping_sub(LOWEST);
        let control = eight | below(0x20) | equal(0x7f); // and all bytes that are not ASCII
        match self {
            // 0x20 is a space.
            Self::Text => {
                eight | below(0x21) | equal(0x7f) | equal(b'"') | equal(b'\\') | equal(b'=')
            }
            Self::Json => control | equal(b'"') | equal(b'\\'),
            Self::Pair | Self::Message => control,
        }
    }

    fn push_char(self, c: char, out: &mut String) -> bool {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' if self != Self::Message => out.push_str("\\t"),
            '"' | '\\' if matches!(self, Self::Text | Self::Json) => out.extend(['\\', c]),
            _ if c != '\t' && is_harmful(c) => self.push_code(c, out),
            _ => {
                out.push(c);
                return c != '=' && !c.is_whitespace();
            }
        }
        false
    }

    fn push_code(self, c: char, out: &mut String) {
        // Writing to a `String` cannot fail.
        if self == Self::Json {
            for unit in c.encode_utf16(&mut [0; 2]) {
                _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        }
    }
}

/// The lowest and the highest bit of each of eight bytes.
const LOWEST: u64 = u64::from_le_bytes([0x01; 8]);
const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);

/// Whether [`Syntax::Message`] changes `text`. If `styled`, the text may contain styles of a format.
#[cfg(feature = "tracing")]
pub(crate) fn is_harmed_by(text: &str, styled: bool) -> bool {
    if Syntax::Message.is_plain(text) {
        return false;
    }
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let style = if styled {
            style_length(rest.as_bytes())
        } else {
            0
        };
        if style == 0 && c != '\t' && is_harmful(c) {
            return true;
        }
        rest = &rest[style.max(c.len_utf8())..];
    }
    false
}

/// Escapes `text` as a [`Syntax::Message`], except for the styles of a format if `styled`.
#[cfg(feature = "tracing")]
pub(crate) fn without_harm(text: &str, styled: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let style = if styled {
            style_length(rest.as_bytes())
        } else {
            0
        };
        if style == 0 {
            Syntax::Message.push_char(c, &mut out);
        } else {
            out.push_str(&rest[..style]);
        }
        rest = &rest[style.max(c.len_utf8())..];
    }
    out
}

/// The length of the escape sequence for a style at the start of `text`, or 0.
#[cfg(feature = "tracing")]
pub(crate) fn style_length(text: &[u8]) -> usize {
    let Some(codes) = text.strip_prefix(b"\x1b[") else {
        return 0;
    };
    let is_code = |byte: &&u8| matches!(byte, b'0'..=b'9' | b';');
    let end = codes.iter().take_while(is_code).count();
    if codes.get(end) == Some(&b'm') {
        end + 3
    } else {
        0
    }
}

/// Whether `c` affects the text around it instead of being visible itself: it ends a line, starts a terminal escape
/// sequence, changes the direction of the text, or is invisible.
///
/// The zero-width joiner and non-joiner and the first sixteen variation selectors are not escaped: entire scripts, and
/// emoji, cannot be written without them.
fn is_harmful(c: char) -> bool {
    c.is_control() // C0, DEL and C1
        || matches!(
            c,
            '\u{ad}'                    // the soft hyphen
            | '\u{34f}'                 // the combining grapheme joiner
            | '\u{61c}'                 // the Arabic letter mark
            | '\u{115f}'..='\u{1160}'   // Hangul fillers
            | '\u{17b4}'..='\u{17b5}'   // Khmer inherent vowels
            | '\u{180e}'                // the Mongolian vowel separator
            | '\u{200b}'                // the zero-width space
            | '\u{200e}'..='\u{200f}'   // directional marks
            | '\u{2028}'..='\u{2029}'   // the line and paragraph separators
            | '\u{202a}'..='\u{202e}'   // directional embeddings and overrides
            | '\u{2060}'..='\u{206f}'   // invisible operators, directional isolates
            | '\u{3164}'                // the Hangul filler
            | '\u{feff}'                // the byte order mark
            | '\u{ffa0}'                // the half-width Hangul filler
            | '\u{fff0}'..='\u{fffb}'   // unassigned default-ignorables, interlinear annotations
            | '\u{1bca0}'..='\u{1bca3}' // shorthand format controls
            | '\u{1d173}'..='\u{1d17a}' // musical beam and slur controls
            | '\u{e0000}'..='\u{e0fff}' // tags, supplementary variation selectors
        )
}

#[cfg(test)]
mod tests {
    use super::Syntax;

    const ALL: [Syntax; 4] = [Syntax::Text, Syntax::Json, Syntax::Pair, Syntax::Message];

    /// The check of eight bytes at a time agrees with the check of each character, at any position.
    #[test]
    fn plain_text_is_written_verbatim_and_no_other() {
        let ascii = (0..=0x7f_u8).map(char::from);
        for c in ascii.chain(['\u{80}', '\u{a0}', '\u{ff}', '\u{200b}', '\u{ffff}']) {
            for (before, after) in (0..17).flat_map(|n| [(n, 0), (n, 3), (n, 8)]) {
                let text = format!("{}{c}{}", "a".repeat(before), "z".repeat(after));
                for syntax in ALL {
                    let mut written = String::new();
                    let mut plain = true;
                    for c in text.chars() {
                        plain &= syntax.push_char(c, &mut written);
                    }
                    let is_verbatim = written == text && (plain || syntax != Syntax::Text);
                    // A tab in a message, and any character that is not ASCII, is checked again.
                    let is_looked_at = !c.is_ascii() || c == '\t' && syntax == Syntax::Message;
                    let expected = is_verbatim && !is_looked_at;
                    assert_eq!(syntax.is_plain(&text), expected, "{syntax:?} {text:?}");
                }
            }
        }
    }

    #[test]
    fn each_syntax_escapes_what_it_has_to() {
        let text = "\u{e4}\t\"\\=\n\r\u{1b}\u{1d173}";
        let written = [
            r#""\u{e4}\t\"\\=\n\r\u{1b}\u{1d173}""#.replace(r"\u{e4}", "\u{e4}"),
            r#""\u{e4}\t\"\\=\n\r\u001b\ud834\udd73""#.replace(r"\u{e4}", "\u{e4}"),
            "\u{e4}\\t\"\\=\\n\\r\\u{1b}\\u{1d173}".to_owned(),
            "\u{e4}\t\"\\=\\n\\r\\u{1b}\\u{1d173}".to_owned(),
        ];
        for (syntax, expected) in ALL.into_iter().zip(written) {
            let mut out = "before".to_owned();
            syntax.push_text(text, &mut out);
            assert_eq!(out, format!("before{expected}"), "{syntax:?}");
        }
    }

    /// Styles are only kept in text that a format has written.
    #[cfg(feature = "tracing")]
    #[test]
    fn styles_are_kept_if_the_format_writes_them() {
        use super::{is_harmed_by, without_harm};

        for (text, harmed, harmed_beside_styles) in [
            ("plain\t\u{e4}", false, false),
            ("\u{1b}[2;31mred\u{1b}[0m", true, false),
            ("\u{1b}[mred", true, false),
            ("\u{1b}[31red", true, true),
            ("\u{1b}[31;", true, true),
            ("\u{e4}\u{1b}]0;title", true, true),
            ("a\u{1b}[0mb\nc", true, true),
        ] {
            assert_eq!(is_harmed_by(text, false), harmed, "{text:?}");
            assert_eq!(is_harmed_by(text, true), harmed_beside_styles, "{text:?}");
            assert_eq!(without_harm(text, false) != text, harmed, "{text:?}");
            assert_eq!(
                without_harm(text, true) != text,
                harmed_beside_styles,
                "{text:?}"
            );
        }
        assert_eq!(
            without_harm("\u{1b}[0m\n\u{1b}[0", true),
            "\u{1b}[0m\\n\\u{1b}[0"
        );
    }
}
