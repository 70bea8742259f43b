//! A line for people: where the variables are on it.

use std::fmt;

use memchr::memchr;
use tracing_core::Level;

use crate::logging::fields::Syntax;
use crate::logging::fields::escape::style_length;

/// How far into a line the level is looked for.
const LONGEST_HEAD: usize = 160;
/// Of how many words a time consists at most.
const MOST_WORDS: usize = 6;

/// Writes `line` with `fields` behind its level, where `tracing_subscriber` has the spans; behind its time where it has no
/// level, and in front where it has neither.
///
/// Nothing that an event says is in front of them: so the first `tenant=` on a line is the variable's. And time and
/// level stay in their columns.
pub(super) fn write(
    line: &str,
    level: Option<Level>,
    fields: &str,
    out: &mut impl fmt::Write,
) -> fmt::Result {
    let at = level
        .and_then(|level| behind_level(line, level))
        .or_else(|| behind_time(line))
        .unwrap_or(0);
    out.write_str(&line[..at])?;
    out.write_str(fields)?;
    out.write_str(&line[at..])
}

/// Behind the level and the space after it, if all that is in front of the level can be a time with its colours.
fn behind_level(line: &str, level: Level) -> Option<usize> {
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

/// As [`behind_level`], where all in front of the level is a time of one word without colours. Most lines are so.
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

/// Behind a time as RFC 3339 has it, and the space after it.
fn behind_time(line: &str) -> Option<usize> {
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

/// Behind the escape sequences for styles at `at`.
fn skip_styles(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match style_length(&bytes[at..]) {
            0 => return at,
            length => at += length,
        }
    }
}
