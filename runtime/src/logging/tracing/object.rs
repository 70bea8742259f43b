//! Finds the members of the JSON object that a line consists of, without parsing nested values.

use std::borrow::Cow;

use memchr::memchr2;

use crate::logging::fields::Names;

/// The position of a member of an object on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    start: usize,
    /// After the closing quote of the name.
    name_end: usize,
    /// After the colon.
    value: usize,
    end: usize,
    /// Whether the name contains escapes.
    is_escaped: bool,
}

impl Member {
    /// The name, unescaped.
    #[inline]
    pub(super) fn name(self, line: &str) -> Cow<'_, str> {
        let written = &line[self.start + 1..self.name_end - 1];
        if self.is_escaped {
            Cow::Owned(unescape(written))
        } else {
            Cow::Borrowed(written)
        }
    }

    /// Returns false if the name is none of `names`; true does not mean that it is one of them.
    #[inline]
    pub(super) fn may_be_in(self, line: &str, names: &Names) -> bool {
        self.is_escaped || names.may_contain(&line.as_bytes()[self.start + 1..self.name_end - 1])
    }

    /// The value, including the white space around it.
    pub(super) fn value(self, line: &str) -> &str {
        &line[self.value..self.end]
    }

    /// The whole member.
    pub(super) fn text(self, line: &str) -> &str {
        &line[self.start..self.end]
    }
}

/// Calls `f` with each member of the object at the start of `line`, and returns the position of its closing brace.
/// Returns `None` if there is no object, or if text follows it on the same line; `f` may have been called in either
/// case.
///
/// Further lines are not examined, since they are not part of the object.
pub(super) fn members(line: &str, f: impl FnMut(Member)) -> Option<usize> {
    let bytes = line.as_bytes();
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let end = read_members(bytes, 0, DEEPEST, f)? - 1;
    let ends_line = &bytes[end + 1..] == b"\n" || is_blank_line(&line[end + 1..]);
    ends_line.then_some(end)
}

/// The maximum depth of nested values.
const DEEPEST: usize = 128;

/// The start of an object on `line`: after white space, a byte order mark or the separator of JSON text sequences.
#[inline]
pub(super) fn start(line: &str) -> Option<usize> {
    if line.starts_with('{') {
        return Some(0);
    }
    let rest = line.trim_start_matches(|c: char| {
        c.is_ascii_whitespace() || matches!(c, '\u{1e}' | '\u{feff}')
    });
    rest.starts_with('{').then(|| line.len() - rest.len())
}

fn is_blank_line(rest: &str) -> bool {
    rest.lines().next().unwrap_or_default().trim().is_empty()
}

/// Reads an object from its opening brace; returns the position after its closing brace.
#[inline]
fn read_members(
    bytes: &[u8],
    start: usize,
    depth: usize,
    mut f: impl FnMut(Member),
) -> Option<usize> {
    let mut at = skip_space(bytes, start + 1);
    if bytes.get(at) == Some(&b'}') {
        return Some(at + 1);
    }
    loop {
        let member = read_member(bytes, at, depth)?;
        f(member);
        at = member.end;
        if bytes[at] == b'}' {
            return Some(at + 1);
        }
        at = skip_space(bytes, at + 1);
    }
}

#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "a member costs as much as such a call"
)]
fn read_member(bytes: &[u8], start: usize, depth: usize) -> Option<Member> {
    let (name_end, is_escaped) = read_name(bytes, start)?;
    let colon = skip_space(bytes, name_end);
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    let value = skip_space(bytes, colon + 1);
    let end = skip_space(bytes, skip_value(bytes, value, depth)?);
    matches!(bytes.get(end), Some(b',' | b'}')).then_some(Member {
        start,
        name_end,
        value: colon + 1,
        end,
        is_escaped,
    })
}

/// Returns the position after the closing quote of a name, and whether the name contains escapes.
#[inline]
fn read_name(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    let at = find_quote(bytes, start + 1)?;
    if bytes[at] == b'"' {
        Some((at + 1, false))
    } else {
        Some((skip_string(bytes, start)?, true))
    }
}

#[inline]
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        if *byte > b' ' || !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            break;
        }
        at += 1;
    }
    at
}

/// Skips a string from its opening quote to after its closing quote.
#[inline]
fn skip_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at = find_quote(bytes, at)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Finds the first quote or backslash in a string. Returns `None` if a control character precedes it: JSON requires
/// those to be escaped, so the line is text that only resembles an object.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "most strings cost as much as such a call"
)]
fn find_quote(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    // Most strings are short: they end before a vectorized search would pay off.
    for _ in 0..8 {
        let Some(eight) = bytes.get(at..)?.first_chunk() else {
            break;
        };
        let eight = u64::from_le_bytes(*eight);
        let controls = eight.wrapping_sub(u64::from_le_bytes([0x20; 8])) & !eight & HIGHEST;
        let found = zero_bytes(eight ^ QUOTES) | zero_bytes(eight ^ BACKSLASHES) | controls;
        if found != 0 {
            let at = at + found.trailing_zeros() as usize / 8;
            return (bytes[at] >= 0x20).then_some(at);
        }
        at += 8;
    }
    let rest = bytes.get(at..)?;
    let length = memchr2(b'"', b'\\', rest)?;
    let has_control = rest[..length].iter().any(|byte| *byte < 0x20);
    (!has_control).then_some(at + length)
}

const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);

/// Sets the highest bit of the first byte that is zero, and possibly of bytes after it.
#[inline]
const fn zero_bytes(eight: u64) -> u64 {
    eight.wrapping_sub(u64::from_le_bytes([0x01; 8])) & !eight & HIGHEST
}

/// Skips a value, and returns the position after its last byte.
#[inline]
fn skip_value(bytes: &[u8], at: usize, depth: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => skip_string(bytes, at),
        b'{' | b'[' => skip_nested(bytes, at, depth.checked_sub(1)?),
        b'-' | b'0'..=b'9' => skip_number(bytes, at),
        _ => {
            let literals: [&[u8]; 3] = [b"true", b"false", b"null"];
            let literal = literals
                .iter()
                .find(|literal| bytes[at..].starts_with(literal));
            literal.map(|literal| at + literal.len())
        }
    }
}

fn skip_nested(bytes: &[u8], start: usize, depth: usize) -> Option<usize> {
    if bytes[start] == b'{' {
        return read_members(bytes, start, depth, |_| ());
    }
    let mut at = skip_space(bytes, start + 1);
    if bytes.get(at) == Some(&b']') {
        return Some(at + 1);
    }
    loop {
        at = skip_space(bytes, skip_value(bytes, at, depth)?);
        match bytes.get(at)? {
            b',' => at = skip_space(bytes, at + 1),
            b']' => return Some(at + 1),
            _ => return None,
        }
    }
}

fn skip_number(bytes: &[u8], start: usize) -> Option<usize> {
    let digits = |start: usize| {
        let rest = bytes.get(start..).unwrap_or_default();
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        (count > 0).then_some(start + count)
    };
    let start = start + usize::from(bytes[start] == b'-');
    let mut at = if bytes.get(start) == Some(&b'0') {
        start + 1
    } else {
        digits(start)?
    };
    if bytes.get(at) == Some(&b'.') {
        at = digits(at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        at = digits(at + 1 + sign)?;
    }
    Some(at)
}

/// The content of a JSON string, unescaped.
#[cold]
fn unescape(written: &str) -> String {
    let mut units = Vec::new();
    let mut chars = written.chars();
    while let Some(c) = chars.next() {
        let meant = match (c, (c == '\\').then(|| chars.next()).flatten()) {
            ('\\', Some('n')) => '\n',
            ('\\', Some('r')) => '\r',
            ('\\', Some('t')) => '\t',
            ('\\', Some('b')) => '\u{8}',
            ('\\', Some('f')) => '\u{c}',
            ('\\', Some('u')) => {
                let digits = chars.as_str().get(..4).unwrap_or_default();
                units.push(u16::from_str_radix(digits, 16).unwrap_or(0xfffd));
                chars = chars.as_str()[digits.len()..].chars();
                continue;
            }
            ('\\', Some(itself)) => itself,
            _ => c,
        };
        units.extend_from_slice(meant.encode_utf16(&mut [0; 2]));
    }
    String::from_utf16_lossy(&units)
}

#[cfg(test)]
mod tests {
    use super::{find_quote, members, skip_space, start, unescape};

    #[test]
    fn strings_are_unescaped() {
        for (written, meant) in [
            (r"a\nb\rc\td\be\ff", "a\nb\rc\td\u{8}e\u{c}f"),
            (r#"\"\\\/"#, "\"\\/"),
            (r"\u00e4\ud834\udd73", "\u{e4}\u{1d173}"),
            ("\u{e4}\u{1d173}", "\u{e4}\u{1d173}"),
        ] {
            assert_eq!(unescape(written), meant, "{written}");
        }
    }

    /// Wherever it is, and whatever is before it, in strings of any length.
    #[test]
    fn quotes_are_found_and_control_characters_too() {
        for before in 0..100 {
            for (byte, found) in [(b'"', true), (b'\\', true), (0, false), (0x1f, false)] {
                let mut text = vec![b'a'; before + 20];
                text[before] = byte;
                text[before + 9] = b'"';
                let expected = found.then_some(before);
                assert_eq!(find_quote(&text, 0), expected, "{before} {byte}");
                assert_eq!(find_quote(&text, before), expected, "{before} {byte}");
            }
            for other in [0x20, b'!', b'#', b'[', b']', 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                let mut text = vec![other; before];
                assert_eq!(find_quote(&text, 0), None, "{other}");
                text.push(b'"');
                assert_eq!(find_quote(&text, 0), Some(before), "{other}");
            }
        }
    }

    #[test]
    fn an_object_ends_its_line() {
        for (line, end) in [
            ("{}", Some(1)),
            ("{}\n", Some(1)),
            ("{} \r\n", Some(1)),
            ("{}\nmore", Some(1)),
            (
                "{\"a\" :\t[1,{\"b\":-1.5e+7}] ,\r\n\"c\":\"}\"}\n",
                Some(35),
            ),
            ("{} more", None),
            ("{}x\n", None),
            ("{\"a\":1", None),
            ("{\"a\":-}", None),
            ("{\"a\":1.}", None),
            ("{\"a\":1e}", None),
            ("{\"a\":1.5e-}", None),
            ("{\u{b}\"a\":1}", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(members(line, |_| ()), end, "{line:?}");
        }
        let mut count = 0;
        members("{\"a\":1,\"b\":{\"c\":2}}", |_| count += 1);
        assert_eq!(count, 2);
    }

    #[test]
    fn what_may_precede_an_object() {
        for (line, at) in [
            ("{", Some(0)),
            (" \t\n{", Some(3)),
            ("\u{feff}{", Some(3)),
            ("\u{1e}{", Some(1)),
            ("x{", None),
            ("", None),
        ] {
            assert_eq!(start(line), at, "{line:?}");
        }
        assert_eq!(skip_space(b"a", 0), 0);
        assert_eq!(skip_space(b" \t\r\n\x0b", 0), 4);
        assert_eq!(skip_space(b"  ", 0), 2);
    }
}
