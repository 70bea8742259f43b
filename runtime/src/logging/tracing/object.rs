//! The members of the JSON object that a line consists of, found without parsing what is nested in them.

use std::borrow::Cow;

use memchr::memchr2;

/// Where one member of an object is on its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Member {
    start: usize,
    /// Behind the quote that closes the name.
    name_end: usize,
    /// Behind the colon.
    value: usize,
    end: usize,
    /// Whether the name has escapes in it.
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

    /// The value, with the white space around it.
    pub(super) fn value(self, line: &str) -> &str {
        &line[self.value..self.end]
    }

    /// All of it.
    pub(super) fn text(self, line: &str) -> &str {
        &line[self.start..self.end]
    }
}

/// Calls `f` with each member of the object that `line` is; returns the place of the brace that closes it. `None` if
/// the line is not an object, whatever `f` has seen until then.
///
/// What follows on further lines is not looked at: it is not part of the object.
pub(super) fn members(line: &str, mut f: impl FnMut(Member)) -> Option<usize> {
    let bytes = line.as_bytes();
    if bytes.first() != Some(&b'{') {
        return None;
    }
    let mut at = skip_space(bytes, 1);
    if bytes.get(at) == Some(&b'}') {
        return is_last_of_its_line(line, at).then_some(at);
    }
    loop {
        let member = read_member(bytes, at)?;
        f(member);
        at = member.end;
        if bytes[at] == b'}' {
            return is_last_of_its_line(line, at).then_some(at);
        }
        at = skip_space(bytes, at + 1);
    }
}

fn is_last_of_its_line(line: &str, at: usize) -> bool {
    let rest = line[at + 1..].lines().next();
    rest.unwrap_or_default().trim().is_empty()
}

#[inline]
fn read_member(bytes: &[u8], start: usize) -> Option<Member> {
    let (name_end, is_escaped) = read_name(bytes, start)?;
    let colon = skip_space(bytes, name_end);
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    let end = skip_space(bytes, skip_value(bytes, skip_space(bytes, colon + 1))?);
    matches!(bytes.get(end), Some(b',' | b'}')).then_some(Member {
        start,
        name_end,
        value: colon + 1,
        end,
        is_escaped,
    })
}

/// Behind the quote that closes a name, and whether it has escapes.
#[inline]
fn read_name(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    let length = memchr2(b'"', b'\\', bytes.get(start + 1..)?)?;
    if bytes[start + 1 + length] == b'"' {
        Some((start + length + 2, false))
    } else {
        Some((skip_string(bytes, start)?, true))
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
    if bytes.get(start) != Some(&b'"') {
        return None;
    }
    let mut at = start + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes[at] == b'"' {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// From the first byte of a value to behind its last.
#[inline]
fn skip_value(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'"' => skip_string(bytes, at),
        b'{' | b'[' => skip_nested(bytes, at),
        b'-' | b'0'..=b'9' => {
            let rest = bytes[at + 1..].iter();
            let number = rest
                .take_while(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9' | b'E' | b'e'));
            Some(at + 1 + number.count())
        }
        _ => {
            let literals: [&[u8]; 3] = [b"true", b"false", b"null"];
            let literal = literals
                .iter()
                .find(|literal| bytes[at..].starts_with(literal));
            literal.map(|literal| at + literal.len())
        }
    }
}

fn skip_nested(bytes: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => {
                at = skip_string(bytes, at)?;
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The inside of a JSON string as it is meant.
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
