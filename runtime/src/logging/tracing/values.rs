//! The values of an event, stored so that it can be formatted again.

use std::error::Error;
use std::fmt::{self, Debug, Display};

use tracing_core::Event;
use tracing_core::field::{Field, Visit};

use crate::logging::fields::Syntax;

pub(super) enum Owned {
    F64(f64),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    Bool(bool),
    /// Text that a format quotes and escapes.
    Quoted(String),
    /// Text that a format writes verbatim.
    Plain(String),
    Error(OwnedError),
}

/// Formats the value as `tracing_subscriber` does.
impl Display for Owned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::F64(value) => Debug::fmt(value, f),
            Self::I64(value) => Display::fmt(value, f),
            Self::U64(value) => Display::fmt(value, f),
            Self::I128(value) => Display::fmt(value, f),
            Self::U128(value) => Display::fmt(value, f),
            Self::Bool(value) => Display::fmt(value, f),
            Self::Quoted(text) => Debug::fmt(text, f),
            Self::Plain(text) => f.write_str(text),
            Self::Error(error) => Display::fmt(error, f),
        }
    }
}

/// The messages of an error and its sources.
#[derive(Debug)]
pub(super) struct OwnedError {
    text: String,
    source: Option<Box<OwnedError>>,
}

impl OwnedError {
    fn of(error: &(dyn Error + 'static)) -> Self {
        Self {
            text: escaped(&error.to_string()),
            source: error.source().map(|source| Box::new(Self::of(source))),
        }
    }
}

impl Display for OwnedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Error for OwnedError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    Syntax::Message.escape(text, &mut escaped);
    escaped
}

/// Returns each field of the event with its value, escaped if a format has written it to `line` verbatim.
pub(super) fn of(event: &Event<'_>, line: &str) -> Vec<(Field, Owned)> {
    let mut values = Values {
        kept: Vec::new(),
        line,
    };
    event.record(&mut values);
    values.kept
}

struct Values<'l> {
    kept: Vec<(Field, Owned)>,
    line: &'l str,
}

impl Values<'_> {
    fn push(&mut self, field: &Field, value: Owned) {
        self.kept.push((field.clone(), value));
    }
}

impl Visit for Values<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push(field, Owned::F64(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push(field, Owned::I64(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push(field, Owned::U64(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.push(field, Owned::I128(value));
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.push(field, Owned::U128(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push(field, Owned::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let escaped = escaped(value);
        let value = if field.name() == "message"
            || (escaped != value && is_verbatim(field, value, self.line))
        {
            Owned::Plain(escaped)
        } else {
            Owned::Quoted(value.to_owned())
        };
        self.push(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        self.push(field, Owned::Error(OwnedError::of(value)));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.push(field, Owned::Plain(escaped(&format!("{value:?}"))));
    }
}

/// Whether a format writes this text verbatim. Most do so with a message, and quote and escape other text.
pub(super) fn is_verbatim(field: &Field, value: &str, line: &str) -> bool {
    field.name() == "message" || line.contains(value.trim())
}
