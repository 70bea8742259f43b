//! Makes an event safe for a line of text: no field has the name of a variable, and no value breaks the line.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::{self, Debug, Display, Write as _};
use std::sync::{Mutex, PoisonError};

use tracing_core::field::{DisplayValue, Field, FieldSet, Value, Visit, display};
use tracing_core::{Event, Metadata};

use super::values::{self, Owned, is_verbatim};
use crate::logging::fields::escape::is_harmed_by;
use crate::logging::fields::{Names, of_event};

/// The maximum number of fields in a value set in the oldest supported `tracing`.
const MOST_FIELDS: usize = 32;

/// The name of a field as formats write it: without the `r#` of a raw identifier.
pub(super) fn shown_name(name: &'static str) -> &'static str {
    name.strip_prefix("r#").unwrap_or(name)
}

/// Whether a call site has a field with one of the names.
pub(super) fn clashes(metadata: &Metadata<'_>, names: &Names) -> bool {
    !names.is_empty()
        && metadata
            .fields()
            .iter()
            .any(|field| names.contains(shown_name(field.name())))
}

/// Whether a value of the event would break `line`, which a format has written for the event.
pub(super) fn harms(event: &Event<'_>, line: &str) -> bool {
    let mut harm = FindHarm { line, found: false };
    event.record(&mut harm);
    harm.found
}

/// Checks each value without storing it.
struct FindHarm<'a> {
    line: &'a str,
    found: bool,
}

impl FindHarm<'_> {
    fn look_at(&mut self, value: fmt::Arguments<'_>) {
        // Fails if the value's formatter does, or as soon as harm has been found.
        _ = self.write_fmt(value);
    }
}

impl fmt::Write for FindHarm<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.found |= is_harmed_by(text, false);
        if self.found { Err(fmt::Error) } else { Ok(()) }
    }
}

impl Visit for FindHarm<'_> {
    fn record_f64(&mut self, _: &Field, _: f64) {}
    fn record_i64(&mut self, _: &Field, _: i64) {}
    fn record_u64(&mut self, _: &Field, _: u64) {}
    fn record_i128(&mut self, _: &Field, _: i128) {}
    fn record_u128(&mut self, _: &Field, _: u128) {}
    fn record_bool(&mut self, _: &Field, _: bool) {}

    fn record_str(&mut self, field: &Field, value: &str) {
        self.found |= is_harmed_by(value, false) && is_verbatim(field, value, self.line);
    }

    fn record_error(&mut self, _: &Field, value: &(dyn Error + 'static)) {
        let mut next = Some(value);
        while let Some(error) = next {
            self.look_at(format_args!("{error}"));
            next = error.source();
        }
    }

    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        self.look_at(format_args!("{value:?}"));
    }
}

/// Returns the values of the event in a form that is safe on a line. `line` is the line that a format wrote for the
/// event.
pub(super) fn clean(event: &Event<'_>, names: &Names, line: &str) -> Vec<(Field, Owned)> {
    let mut values = values::of(event, line);
    rename(event.metadata(), names, &mut values);
    fold(&mut values);
    values
}

/// Calls `run` with a copy of the event that has these values.
pub(super) fn with_values<R>(
    event: &Event<'_>,
    values: &[(Field, Owned)],
    run: impl FnOnce(&Event<'_>) -> R,
) -> R {
    let Some((first, _)) = values.first() else {
        return run(event);
    };
    let shown: Vec<Shown<'_>> = values.iter().map(|(_, value)| Shown::of(value)).collect();
    let mut pairs: [(&Field, Option<&dyn Value>); MOST_FIELDS] = [(first, None); MOST_FIELDS];
    for (pair, ((field, _), shown)) in pairs.iter_mut().zip(values.iter().zip(&shown)) {
        *pair = (field, Some(shown.as_value()));
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

/// Renames each field that has the name of a variable, or drops it if the new name is taken.
fn rename(metadata: &Metadata<'_>, names: &Names, values: &mut Vec<(Field, Owned)>) {
    let own: Vec<&'static str> = values
        .iter()
        .map(|(field, _)| shown_name(field.name()))
        .collect();
    let is_free = |other: &str| !names.contains(other) && !own.contains(&other);
    values.retain_mut(|(field, _)| {
        let name = shown_name(field.name());
        if !names.contains(name) {
            return true;
        }
        let other = of_event(name);
        let renamed = is_free(&other).then(|| renamed(metadata, name, other));
        match renamed.flatten() {
            Some(renamed) => *field = renamed,
            None => return false,
        }
        true
    });
}

/// Returns a field of the same call site with this name. The name is leaked: there is one for each field of the program
/// that has the name of a variable.
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

/// Appends the fields that exceed the maximum of a value set to the last one that fits, formatted as on a line of text.
fn fold(values: &mut Vec<(Field, Owned)>) {
    if values.len() <= MOST_FIELDS {
        return;
    }
    let rest = values.split_off(MOST_FIELDS);
    if let Some((_, last)) = values.last_mut() {
        let mut text = last.to_string();
        for (field, value) in rest {
            _ = write!(text, " {}={value}", shown_name(field.name())); // writing to a `String` cannot fail
        }
        *last = Owned::Plain(text);
    }
}

/// A value in a form that `tracing` accepts.
enum Shown<'a> {
    Value(&'a dyn Value),
    Text(DisplayValue<&'a dyn Display>),
    Error(&'a (dyn Error + 'static)),
}

impl<'a> Shown<'a> {
    fn of(value: &'a Owned) -> Self {
        match value {
            Owned::F64(value) => Self::Value(value),
            Owned::I64(value) => Self::Value(value),
            Owned::U64(value) => Self::Value(value),
            Owned::I128(value) => Self::Value(value),
            Owned::U128(value) => Self::Value(value),
            Owned::Bool(value) => Self::Value(value),
            Owned::Quoted(text) => Self::Value(text),
            Owned::Plain(text) => Self::Text(display(text)),
            Owned::Error(error) => Self::Error(error),
        }
    }

    fn as_value(&self) -> &dyn Value {
        match self {
            Self::Value(value) => *value,
            Self::Text(text) => text,
            Self::Error(error) => error,
        }
    }
}
