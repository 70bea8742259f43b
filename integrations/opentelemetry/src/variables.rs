//! The variables on log lines of the current scope, as attributes.

use crate::trace_ids;
use opentelemetry::{KeyValue, Value};
use propagate_context::{LoggedValue, visit_logged_values};

pub(crate) fn current() -> Vec<KeyValue> {
    let mut variables = Vec::new();
    visit_logged_values(|name, value| {
        if trace_ids::NAMES.contains(&name) {
            return;
        }
        variables.push(KeyValue::new(name.to_owned(), attribute(value)));
    });
    variables
}

fn attribute(value: LoggedValue<'_>) -> Value {
    match value {
        LoggedValue::Str(text) => text.to_owned().into(),
        LoggedValue::Int(number) => number.into(),
        // OpenTelemetry has no unsigned integers.
        LoggedValue::Uint(number) => match i64::try_from(number) {
            Ok(number) => number.into(),
            Err(_) => number.to_string().into(),
        },
        LoggedValue::Float(number) => number.into(),
        LoggedValue::Bool(value) => value.into(),
        other => format!("{other:?}").into(),
    }
}
