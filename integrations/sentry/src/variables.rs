//! The variables on log lines of the current scope.

use propagate_context::{LoggedValue, visit_logged_values};
use sentry_core::protocol::Value;

/// Returns them as tags, which are strings.
pub(crate) fn as_text() -> Vec<(String, String)> {
    let mut variables = Vec::new();
    visit_logged_values(|name, value| {
        let text = match value {
            LoggedValue::Str(text) => text.to_owned(),
            LoggedValue::Int(number) => number.to_string(),
            LoggedValue::Uint(number) => number.to_string(),
            LoggedValue::Float(number) => number.to_string(),
            LoggedValue::Bool(value) => value.to_string(),
            other => format!("{other:?}"),
        };
        variables.push((name.to_owned(), text));
    });
    variables
}

/// Returns them as attributes, which have types.
pub(crate) fn as_values() -> Vec<(String, Value)> {
    let mut variables = Vec::new();
    visit_logged_values(|name, value| {
        let value = match value {
            LoggedValue::Str(text) => text.into(),
            LoggedValue::Int(number) => number.into(),
            LoggedValue::Uint(number) => number.into(),
            LoggedValue::Float(number) => number.into(),
            LoggedValue::Bool(value) => value.into(),
            other => format!("{other:?}").into(),
        };
        variables.push((name.to_owned(), value));
    });
    variables
}
