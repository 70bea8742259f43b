use std::io::{self, Write};
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use crate::Format;

/// A writer that stores log lines. Clones share the stored lines.
#[derive(Clone, Debug, Default)]
pub struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A subscriber writes a whole line at once, so that lines of several threads do not mix.
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Removes and returns the lines about orders.
    #[must_use]
    pub fn take(&self, format: Format) -> Vec<Line> {
        let written = mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let written = String::from_utf8_lossy(&written);
        let parse = match format {
            Format::Json => Line::from_json,
            Format::Text => Line::from_text,
        };
        written.lines().filter_map(parse).collect()
    }
}

/// A log line about an order.
#[derive(Clone, Debug)]
pub struct Line {
    /// The line as it was logged.
    pub text: String,
    /// The number of the order.
    pub order: u32,
    /// The place in the program that logged the line, such as `tokio::spawn`.
    pub place: String,
    /// The request id on the line.
    pub id: Option<String>,
}

impl Line {
    fn from_json(line: &str) -> Option<Self> {
        let fields: Value = serde_json::from_str(line).ok()?;
        Some(Self {
            text: line.to_owned(),
            order: fields["order"].as_u64()?.try_into().ok()?,
            place: fields["place"].as_str()?.to_owned(),
            id: fields["request_id"].as_str().map(str::to_owned),
        })
    }

    fn from_text(line: &str) -> Option<Self> {
        let field = |name: &str| {
            let (_, rest) = line.split_once(&format!("{name}="))?;
            let value = match rest.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next(),
                None => rest.split_whitespace().next(),
            };
            value.map(str::to_owned)
        };
        Some(Self {
            text: line.to_owned(),
            order: field("order")?.parse().ok()?,
            place: field("place")?,
            id: field("request_id"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(format: Format, line: &str) -> Option<(u32, String, Option<String>)> {
        let lines = Lines(Arc::new(Mutex::new(line.into())));
        let line = lines.take(format).pop()?;
        Some((line.order, line.place, line.id))
    }

    #[test]
    fn json_and_text_have_the_same_fields() {
        let expected = Some((3, "par_iter, annotated".to_owned(), Some("r-17".to_owned())));
        let json = r#"{"request_id":"r-17","order":3,"place":"par_iter, annotated"}"#;
        let text = r#"request_id=r-17 INFO order=3 place="par_iter, annotated""#;
        assert_eq!(parsed(Format::Json, json), expected);
        assert_eq!(parsed(Format::Text, text), expected);
    }

    #[test]
    fn ignores_lines_that_are_not_about_an_order() {
        assert_eq!(parsed(Format::Json, r#"{"request_id":"r-17"}"#), None);
        assert_eq!(parsed(Format::Json, "plain"), None);
        assert_eq!(parsed(Format::Text, "request_id=r-17 listening"), None);
    }
}
