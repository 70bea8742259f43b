//! A line for people: where the variables are on it.

use std::fmt;

use tracing_core::Level;

/// How far into a line the level is looked for.
const LONGEST_HEAD: usize = 160;
/// Of how many words a time consists at most.
const MOST_WORDS: usize = 5;

/// Writes `line` with `fields` behind its level, where `tracing_subscriber` has the spans; in front where it has none.
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
        .unwrap_or(0);
    out.write_str(&line[..at])?;
    out.write_str(fields)?;
    out.write_str(&line[at..])
}

/// Behind the level and the space after it, if all that is in front of the level can be a time.
fn behind_level(line: &str, level: Level) -> Option<usize> {
    let end = line.len().min(LONGEST_HEAD);
    let head = line.get(..end).unwrap_or(line);
    let at = head.find(level.as_str())?;
    if !is_time(&head[..at]) {
        return None;
    }
    let mut rest = skip_styles(&line[at + level.as_str().len()..]);
    rest = rest.strip_prefix(']').unwrap_or(rest);
    rest = skip_styles(rest).strip_prefix(' ')?;
    Some(line.len() - rest.len())
}

/// Whether `head` holds nothing, or no more than a time with its colours.
fn is_time(mut head: &str) -> bool {
    let (mut words, mut in_word, mut digits) = (0, false, false);
    while let Some(c) = head.chars().next() {
        let unstyled = skip_styles(head);
        if unstyled.len() < head.len() {
            head = unstyled;
            continue;
        }
        head = &head[c.len_utf8()..];
        match c {
            ' ' | '\t' | '[' => in_word = false,
            '=' | '"' | '\'' | '{' | '}' | '\x1b' | '\n' => return false,
            _ => {
                words += usize::from(!in_word);
                in_word = true;
                digits |= c.is_ascii_digit();
            }
        }
    }
    words == 0 || (digits && words <= MOST_WORDS)
}

/// What follows on the escape sequences for colours at the start of `text`.
fn skip_styles(mut text: &str) -> &str {
    while let Some(sequence) = text.strip_prefix("\x1b[") {
        let Some(end) = sequence.find(|c: char| !c.is_ascii_digit() && c != ';') else {
            break;
        };
        let Some(rest) = sequence[end..].strip_prefix('m') else {
            break;
        };
        text = rest;
    }
    text
}
