//! Lines that consist of `key=value` pairs: the variables become the first pairs, and no other pair has the name of
//! one.

use std::fmt;

use crate::logging::fields::{Buffers, of_event};

/// Writes `line` after the fields in `buffers`, rendered as text. Returns false without writing anything if `line` does
/// not consist of pairs.
pub(super) fn write(
    line: &str,
    buffers: &Buffers,
    out: &mut impl fmt::Write,
) -> Result<bool, fmt::Error> {
    let Buffers {
        names,
        fields,
        values,
        ..
    } = buffers;
    let (mut pairs, mut clashes) = (0, false);
    for pair in Pairs(line.trim_end()) {
        let Some(pair) = pair else {
            return Ok(false);
        };
        pairs += 1;
        clashes = clashes || names.contains(pair.key);
    }
    if pairs == 0 {
        return Ok(false);
    }
    out.write_str(fields)?;
    if !clashes {
        out.write_str(line)?;
        return Ok(true);
    }
    let body = line.trim_end();
    let mut space = "";
    for Pair { key, text, value } in Pairs(body).flatten() {
        let other = of_event(key);
        match names.position(key) {
            None => write!(out, "{space}{text}")?,
            Some(variable) if value == values[variable].text(fields) => continue,
            Some(_) if names.contains(&other) || Pairs(body).flatten().any(|p| p.key == other) => {
                continue;
            }
            Some(_) => write!(out, "{space}{other}={value}")?,
        }
        space = " ";
    }
    out.write_str(&line[body.len()..])?;
    Ok(true)
}

struct Pair<'a> {
    key: &'a str,
    /// Including its quotes.
    value: &'a str,
    text: &'a str,
}

/// The pairs of a line. Text that is not a pair yields `None` and ends the iteration.
struct Pairs<'a>(&'a str);

impl<'a> Iterator for Pairs<'a> {
    type Item = Option<Pair<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.0.trim_start_matches(' ');
        self.0 = "";
        if rest.is_empty() {
            return None;
        }
        let pair = Self::first(rest);
        if let Some(pair) = &pair {
            self.0 = &rest[pair.text.len()..];
        }
        Some(pair)
    }
}

impl<'a> Pairs<'a> {
    fn first(rest: &'a str) -> Option<Pair<'a>> {
        let (key, behind) = rest.split_once('=')?;
        if key.is_empty() || key.contains([' ', '"', '\n']) {
            return None;
        }
        let length = if behind.starts_with('"') {
            quoted(behind)?
        } else {
            let length = behind.find(' ').unwrap_or(behind.len());
            if behind[..length].contains(['"', '=', '\n']) {
                return None;
            }
            length
        };
        if !matches!(behind.as_bytes().get(length), None | Some(b' ')) {
            return None;
        }
        let (value, text) = (&behind[..length], &rest[..key.len() + 1 + length]);
        Some(Pair { key, value, text })
    }
}

/// The length of the quoted string at the start of `text`.
fn quoted(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            b'\n' => return None,
            _ => {}
        }
    }
    None
}
