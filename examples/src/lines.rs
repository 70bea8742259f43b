use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::Format;

/// The standard output, which remembers the lines that are logged to it; its clones write to the same place.
#[derive(Clone, Debug, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Both under one lock, so that lines of several threads do not run into each other.
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever has closed the pipe has seen enough; the lines are counted all the same.
        _ = io::stdout().write_all(bytes);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

impl Lines {
    /// What was logged about orders.
    #[must_use]
    pub fn about_orders(&self, format: Format) -> Vec<Line> {
        let written = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let written = String::from_utf8_lossy(&written);
        let read = match format {
            Format::Json => Line::from_json,
            Format::Text => Line::from_text,
        };
        written.lines().filter_map(read).collect()
    }
}

/// What a line says about an order.
#[derive(Clone, Debug)]
pub struct Line {
    /// Which order it is, as the line's own field says: the code passes it along by hand.
    pub order: u32,
    /// Where the code runs that logs it.
    pub place: String,
    /// The request id on the line.
    pub id: Option<String>,
}

impl Line {
    fn from_json(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        Some(Self {
            order: line["order"].as_u64()?.try_into().ok()?,
            place: line["place"].as_str()?.to_owned(),
            id: line["request_id"].as_str().map(str::to_owned),
        })
    }

    fn from_text(line: &str) -> Option<Self> {
        let line = without_colours(line);
        let field = |name: &str| {
            let (_, behind) = line.split_once(&format!("{name}="))?;
            let value = match behind.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => behind.split_whitespace().next(),
            };
            value.map(str::to_owned)
        };
        Some(Self {
            order: field("order")?.parse().ok()?,
            place: field("place")?,
            id: field("request_id"),
        })
    }
}

/// Leaves out the escape sequences of a terminal.
fn without_colours(line: &str) -> String {
    let mut parts = line.split('\x1b');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        plain + part.split_once('m').map_or("", |(_, behind)| behind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: Format, line: &str) -> Option<(u32, String, Option<String>)> {
        let lines = Lines(Arc::new(Mutex::new(line.into())));
        let line = lines.about_orders(format).pop()?;
        Some((line.order, line.place, line.id))
    }

    #[test]
    fn json_and_text_say_the_same() {
        let expected = Some((3, "par_iter, marked".to_owned(), Some("r-17".to_owned())));
        let json = r#"{"request_id":"r-17","order":3,"place":"par_iter, marked"}"#;
        let text = r#"request_id=r-17 INFO order=3 place="par_iter, marked""#;
        let colours = "\x1b[2mrequest_id=\x1b[0mr-17 \x1b[3morder\x1b[0m\x1b[2m=\x1b[0m3 place=\"par_iter, marked\"";
        assert_eq!(read(Format::Json, json), expected);
        assert_eq!(read(Format::Text, text), expected);
        assert_eq!(read(Format::Text, colours), expected);
    }

    #[test]
    fn a_line_about_something_else_is_none() {
        assert_eq!(read(Format::Json, r#"{"request_id":"r-17"}"#), None);
        assert_eq!(read(Format::Json, "plain"), None);
        assert_eq!(read(Format::Text, "request_id=r-17 listening"), None);
    }
}
