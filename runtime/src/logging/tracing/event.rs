//! An event as it may be on a line of text: no field has the name of a variable, no value ends the line.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{Debug, Write as _};
use std::sync::{Mutex, PoisonError};

use tracing_core::field::{DisplayValue, Field, FieldSet, Value, Visit, display};
use tracing_core::{Event, Metadata};

use crate::logging::fields::{Names, Syntax, of_event};

/// How many fields an event has at most.
const MOST_FIELDS: usize = 32;

/// Whether an event of this call site has a field with one of the names.
pub(super) fn clashes(metadata: &Metadata<'_>, names: &Names) -> bool {
    // The lines that a formatter writes about spans have fields of their own.
    metadata.is_event()
        && !names.is_empty()
        && metadata
            .fields()
            .iter()
            .any(|field| names.contains(field.name()))
}

/// Whether a value of the event is written on more than one line.
pub(super) fn has_line_ends(event: &Event<'_>) -> bool {
    let mut values = Values(Vec::new());
    event.record(&mut values);
    values.0.iter().any(|(_, value)| value.ends_line())
}

/// Calls `run` with the event, its values escaped and its fields renamed where that is needed.
pub(super) fn cleaned<R>(event: &Event<'_>, names: &Names, run: impl FnOnce(&Event<'_>) -> R) -> R {
    let mut values = Values(Vec::new());
    event.record(&mut values);
    let Values(mut values) = values;
    let taken: Vec<String> = values
        .iter()
        .map(|(field, _)| field.name().to_owned())
        .collect();
    values.retain_mut(|(field, value)| {
        value.escape();
        if !names.contains(field.name()) {
            return true;
        }
        let other = of_event(field.name());
        let is_free = !names.contains(&other) && !taken.contains(&other);
        if let (true, Some(renamed)) = (is_free, renamed(event.metadata(), field.name(), other)) {
            *field = renamed;
            return true;
        }
        false
    });
    let Some((first, _)) = values.first() else {
        return run(event);
    };
    let shown: Vec<_> = values
        .iter()
        .map(|(_, value)| display(value.text()))
        .collect();
    let mut pairs: [(&Field, Option<&dyn Value>); MOST_FIELDS] = [(first, None); MOST_FIELDS];
    for (pair, ((field, value), shown)) in pairs.iter_mut().zip(values.iter().zip(&shown)) {
        *pair = (field, Some(value.as_value(shown)));
    }
    let metadata = event.metadata();
    let values = metadata.fields().value_set(&pairs);
    if event.is_contextual() {
        run(&Event::new(metadata, &values))
    } else {
        run(&Event::new_child_of(
            event.parent().cloned(),
            metadata,
            &values,
        ))
    }
}

/// A field of the same call site with this name. Names are kept for the process: there is one for each field that a
/// program has under the name of a variable.
fn renamed(metadata: &Metadata<'_>, name: &'static str, other: String) -> Option<Field> {
    static OTHERS: Mutex<BTreeMap<&'static str, &'static [&'static str]>> =
        Mutex::new(BTreeMap::new());
    let mut others = OTHERS.lock().unwrap_or_else(PoisonError::into_inner);
    let other = others.entry(name).or_insert_with(|| {
        let other: &'static str = other.leak();
        Vec::from([other]).leak()
    });
    FieldSet::new(other, metadata.callsite()).iter().next()
}

/// The values of an event, each with its field.
struct Values(Vec<(Field, Owned)>);

enum Owned {
    F64(f64),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    Bool(bool),
    /// Formats write it in quotes, but for a message.
    Quoted(String),
    Plain(String),
}

impl Owned {
    /// Whether it is written without quotes and on more than one line.
    fn ends_line(&self) -> bool {
        matches!(self, Self::Plain(text) if text.contains(['\n', '\r']))
    }

    fn text(&self) -> &str {
        match self {
            Self::Quoted(text) | Self::Plain(text) => text,
            _ => "",
        }
    }

    fn escape(&mut self) {
        if let Self::Plain(text) = self {
            let mut escaped = String::with_capacity(text.len());
            Syntax::Pair.escape(text, &mut escaped);
            *text = escaped;
        }
    }

    fn as_value<'a>(&'a self, shown: &'a DisplayValue<&'a str>) -> &'a dyn Value {
        match self {
            Self::F64(value) => value,
            Self::I64(value) => value,
            Self::U64(value) => value,
            Self::I128(value) => value,
            Self::U128(value) => value,
            Self::Bool(value) => value,
            Self::Quoted(text) => text,
            Self::Plain(_) => shown,
        }
    }
}

impl Values {
    fn push(&mut self, field: &Field, value: Owned) {
        self.0.push((field.clone(), value));
    }
}

impl Visit for Values {
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
        let value = value.to_owned();
        // Only a message is written without quotes, which is where escapes are added.
        let value = if field.name() == "message" {
            Owned::Plain(value)
        } else {
            Owned::Quoted(value)
        };
        self.push(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut source = value.source();
        while let Some(error) = source {
            _ = write!(text, ": {error}"); // a `String` takes everything
            source = error.source();
        }
        self.push(field, Owned::Plain(text));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.push(field, Owned::Plain(format!("{value:?}")));
    }
}
