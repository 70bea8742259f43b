//! Lines of text: the position of the variables.

use std::fmt;

use memchr::memchr;
use tracing_core::Level;

use crate::logging::fields::Syntax;
use crate::logging::fields::escape::style_length;

/// How many bytes at the start of a line are searched for the level.
const LONGEST_HEAD: usize = 160;
/// The maximum number of words in a time.
const MOST_WORDS: usize = 6;

/// Writes `line` with `fields` after its level, where `tracing_subscriber` writes the spans. Without a level they
/// follow the time, and without a time they are at the start.
///
/// No part of the event comes before them, so the first `tenant=` on a line is the variable's. The time and the level
/// stay in their columns.
pub(super) fn write(
    line: &str,
    level: Option<Level>,
    fields: &str,
    out: &mut impl fmt::Write,
) -> fmt::Result {
    let at = level
        .and_then(|level| after_level(line, level))
        .or_else(|| after_time(line))
        .unwrap_or(0);
    out.write_str(&line[..at])?;
    out.write_str(fields)?;
    out.write_str(&line[at..])
}

/// Returns the position after the level and its space, if everything before the level can be a time with its colours.
fn after_level(line: &str, level: Level) -> Option<usize> {
    let bytes = line.as_bytes();
    let level = level.as_str().as_bytes();
    if let Some(at) = behind_usual_time(line, level) {
        return Some(at);
    }
    let (mut at, mut words, mut in_word, mut digits) = (0, 0, false, false);
    loop {
        if !in_word && bytes[at..].starts_with(level) {
            return if words == 0 || digits {
                end_of_level(line, at + level.len())
            } else {
                None
            };
        }
        match *bytes.get(at)? {
            b' ' | b'\t' | b'[' => in_word = false,
            b'\x1b' => {
                at = skip_styles(bytes, at);
                if bytes.get(at) == Some(&b'\x1b') {
                    return None;
                }
                continue;
            }
            b'=' | b'"' | b'\'' | b'{' | b'}' | b'\n' => return None,
            byte => {
                words += usize::from(!in_word);
                in_word = true;
                digits |= byte.is_ascii_digit();
            }
        }
        at += 1;
        if at > LONGEST_HEAD || words > MOST_WORDS {
            return None;
        }
    }
}

/// A fast path of [`after_level`] for most lines: only a time of one word, without colours, precedes the level.
fn behind_usual_time(line: &str, level: &[u8]) -> Option<usize> {
    let bytes = line.as_bytes();
    if !bytes.first()?.is_ascii_digit() {
        return None;
    }
    let end = memchr(b' ', bytes)?;
    if end > LONGEST_HEAD || !Syntax::Text.is_plain(&line[..end]) {
        return None;
    }
    let spaces = bytes[end..].iter().take_while(|byte| **byte == b' ');
    let at = end + spaces.count();
    if !bytes[at..].starts_with(level) {
        return None;
    }
    end_of_level(line, at + level.len())
}

/// Returns the position after an RFC 3339 time and its space.
fn after_time(line: &str) -> Option<usize> {
    let bytes = line.as_bytes();
    let start = skip_styles(bytes, 0);
    let time = bytes[start..]
        .iter()
        .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b':' | b'.' | b'+' | b'T' | b'Z'));
    let end = start + time.count();
    let is_time = bytes[start..end].starts_with(b"20") && bytes[start..end].contains(&b':');
    let at = skip_styles(bytes, end);
    (is_time && bytes.get(at) == Some(&b' ')).then_some(at + 1)
}

fn end_of_level(line: &str, at: usize) -> Option<usize> {
    let bytes = line.as_bytes();
    let mut at = skip_styles(bytes, at);
    at += usize::from(bytes.get(at) == Some(&b']'));
    at = skip_styles(bytes, at);
    (bytes.get(at) == Some(&b' ')).then_some(at + 1)
}

/// Skips the escape sequences for styles at `at`.
fn skip_styles(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match style_length(&bytes[at..]) {
            0 => return at,
            length => at += length,
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing_core::Level;

    use super::{LONGEST_HEAD, after_level, after_time};

    #[test]
    fn the_position_after_the_level() {
        let behind = |line: &str| after_level(line, Level::INFO).map(|at| line[at..].to_owned());
        let long = |length: usize| format!("{:7<length$} INFO hello", "");
        for (line, rest) in [
            ("INFO hello", Some("hello")),
            ("2024-05-01T10:00:00.5Z  INFO hello", Some("hello")),
            ("[2024-05-01 10:00:00 INFO] hello", Some("hello")),
            (
                "\u{1b}[2m10:00\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m hello",
                Some("hello"),
            ),
            ("1 May 2024 at 10:00 INFO hello", Some("hello")),
            (&long(LONGEST_HEAD), Some("hello")),
            (&long(LONGEST_HEAD + 1), None),
            // Too many words, or none that is a time.
            ("1 2 3 4 5 6 INFO hello", Some("hello")),
            ("1 2 3 4 5 6 7 INFO hello", None),
            ("main INFO hello", None),
            ("10:00 main hello", None),
            ("10:00 WARN hello", None),
            ("10:00 INFORMATION hello", None),
            ("10:00 INFO: hello", None),
            ("a=1 INFO hello", None),
            ("\"10:00\" INFO hello", None),
            ("10:00\nINFO hello", None),
            ("10:00", None),
        ] {
            assert_eq!(behind(line).as_deref(), rest, "{line:?}");
        }
    }

    #[test]
    fn the_position_after_the_time() {
        for (line, at) in [
            ("2024-05-01T10:00:00Z hello", Some(21)),
            ("\u{1b}[2m2024-05-01T10:00:00Z\u{1b}[0m hello", Some(29)),
            ("2024 hello", None),
            ("10:00:00 hello", None),
            ("2024-05-01T10:00:00Zhello", None),
            ("2024-05-01T10:00:00Z", None),
        ] {
            assert_eq!(after_time(line), at, "{line:?}");
        }
    }
}
