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

#[cfg(test)]
mod tests {
    use super::{Pair, Pairs, write};
    use crate::ContextVar;
    use crate::logging::fields::Syntax;
    use crate::logging::fields::options::LineOptions;
    use crate::logging::fields::render::{Buffers, Style};

    static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();
    static TAKEN: ContextVar<&str> = ContextVar::new("event_tenant").logged();

    fn pairs(line: &str) -> Option<Vec<(&str, &str, &str)>> {
        let parts =
            |pair: Option<Pair<'static>>| pair.map(|Pair { key, value, text }| (key, value, text));
        Pairs(line.to_owned().leak()).map(parts).collect()
    }

    #[test]
    fn a_line_of_pairs_and_nothing_else() {
        let quoted = r#"a="x \"y\" \\" b=1"#;
        let expected = [
            ("a", r#""x \"y\" \\""#, r#"a="x \"y\" \\""#),
            ("b", "1", "b=1"),
        ];
        assert_eq!(pairs(quoted), Some(expected.to_vec()));
        assert_eq!(
            pairs("a=  b="),
            Some(vec![("a", "", "a="), ("b", "", "b=")])
        );
        assert_eq!(pairs(""), Some(Vec::new()));
        for line in [
            "two words=1",
            "=1",
            "\"a\"=1",
            "a=1 word",
            "a=b=c",
            "a=b\"c",
            "a=\"b\"c",
            "a=\"b",
            "a=\"b\\\"",
            "a\nb=1",
            "a=1\nb",
            "a=\"1\n2\"",
        ] {
            assert_eq!(pairs(line), None, "{line:?}");
        }
    }

    fn written(line: &str) -> Option<String> {
        let mut buffers = Buffers::lend();
        buffers.render(Syntax::Text, &LineOptions::default(), Style::PLAIN);
        let mut out = String::new();
        write(line, &buffers, &mut out).unwrap().then_some(out)
    }

    /// The pair of a line that has the name of a variable gets another name, is the variable itself, or is dropped
    /// because the other name is taken.
    #[test]
    fn pairs_with_the_name_of_a_variable() {
        TENANT.sync_scope("acme", || {
            for (line, expected) in [
                ("a=1\n", Some("tenant=acme a=1\n")),
                (
                    "tenant=evil a=1\n",
                    Some("tenant=acme event_tenant=evil a=1\n"),
                ),
                ("a=1  tenant=acme b=2", Some("tenant=acme a=1 b=2")),
                (
                    "tenant=evil event_tenant=own\n",
                    Some("tenant=acme event_tenant=own\n"),
                ),
                ("tenant=evil text", None),
                ("\n", None),
            ] {
                assert_eq!(written(line).as_deref(), expected, "{line:?}");
            }
            TAKEN.sync_scope("2", || {
                let line = written("tenant=evil a=1").unwrap();
                assert!(line.ends_with(" a=1") && !line.contains("evil"), "{line}");
            });
        });
    }
}
