//! The members of the JSON object that a line consists of, found without parsing their values.

use std::borrow::Cow;

/// Goes over the members of an object.
#[derive(Debug)]
pub(super) struct Members<'a> {
    line: &'a str,
    /// In front of a member, or of what ends the object.
    at: usize,
}

/// Where one member of an object is on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    start: usize,
    /// Behind the quote that closes the name.
    name_end: usize,
    /// Behind the colon.
    value: usize,
    end: usize,
}

impl<'a> Members<'a> {
    /// None if the line does not begin with an object.
    pub(super) fn of(line: &'a str) -> Option<Self> {
        line.starts_with('{').then_some(Self { line, at: 1 })
    }

    /// What is left when there is no next member: the brace that ends the object and what is behind it.
    /// None if the object does not end here, or its line goes on behind it, so that it is none.
    pub(super) fn end(&self) -> Option<&'a str> {
        let rest = &self.line[self.at..];
        let behind = rest.trim_start().strip_prefix('}')?.lines().next();
        behind.unwrap_or_default().trim().is_empty().then_some(rest)
    }
}

impl Iterator for Members<'_> {
    type Item = Member;

    /// The next member, unless the object ends here or what is here is not JSON.
    fn next(&mut self) -> Option<Member> {
        let bytes = self.line.as_bytes();
        let start = skip_space(bytes, self.at);
        if bytes.get(start) != Some(&b'"') {
            return None;
        }
        let name_end = skip_string(bytes, start)?;
        let colon = skip_space(bytes, name_end);
        if bytes.get(colon) != Some(&b':') {
            return None;
        }
        let end = skip_value(bytes, colon + 1)?;
        self.at = end + usize::from(bytes[end] == b',');
        Some(Member {
            start,
            name_end,
            value: colon + 1,
            end,
        })
    }
}

impl Member {
    /// The name as it is meant.
    pub(super) fn name(self, line: &str) -> Cow<'_, str> {
        let written = &line[self.start + 1..self.name_end - 1];
        if written.bytes().any(|b| b == b'\\') {
            Cow::Owned(unescape(written))
        } else {
            Cow::Borrowed(written)
        }
    }

    /// The value, with the white space around it.
    pub(super) fn value(self, line: &str) -> &str {
        &line[self.value..self.end]
    }

    /// All of it.
    pub(super) fn text(self, line: &str) -> &str {
        &line[self.start..self.end]
    }
}

#[inline]
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

/// From the quote that opens a string to behind the one that closes it.
#[inline]
fn skip_string(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += find_quote_or_backslash(bytes.get(at..)?);
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// Where the first `"` or `\` is, else the length. Most of a line is strings, so eight bytes are looked at at once.
#[inline]
fn find_quote_or_backslash(bytes: &[u8]) -> usize {
    let mut at = 0;
    while let Some(eight) = bytes[at..].first_chunk() {
        let eight = u64::from_le_bytes(*eight);
        let found = marks(eight, b'"') | marks(eight, b'\\');
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = bytes[at..].iter();
    at + rest
        .take_while(|&&byte| byte != b'"' && byte != b'\\')
        .count()
}

/// The highest bit of each of eight bytes that is `byte`; above the lowest one that is marked, others may be as well.
#[inline]
fn marks(eight: u64, byte: u8) -> u64 {
    const LOWEST: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGHEST: u64 = u64::from_le_bytes([0x80; 8]);
    let zeros = eight ^ (LOWEST * u64::from(byte));
    zeros.wrapping_sub(LOWEST) & !zeros & HIGHEST
}

/// From in front of a value to the comma or brace behind it.
#[inline]
fn skip_value(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => at = skip_string(bytes, at)?,
            b',' | b'}' if depth == 0 => return Some(at),
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Reads the escapes of a JSON string.
fn unescape(written: &str) -> String {
    let mut units = Vec::with_capacity(written.len());
    let mut chars = written.chars();
    while let Some(c) = chars.next() {
        let meant = match (c, if c == '\\' { chars.next() } else { None }) {
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
