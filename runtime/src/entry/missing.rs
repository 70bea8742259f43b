//! `MissingValue`: a required variable has no valid value.

use std::error::Error;
use std::fmt;

use super::rejection::RejectReason;

/// The error for a carrier without a valid value for a variable that an entry requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingValue(Box<Details>);

/// Boxed, since every request has a field for the error, and few requests use it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Details {
    key: String,
    /// The kind of the key: a header or a baggage member.
    place: &'static str,
    reason: Option<String>,
}

impl MissingValue {
    pub(super) fn new(key: &str, place: &'static str, reason: Option<&RejectReason>) -> Self {
        Self(Box::new(Details {
            key: key.to_owned(),
            place,
            reason: reason.map(ToString::to_string),
        }))
    }

    /// Returns the name of the header or baggage member that is missing or was rejected.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// Returns the body of a problem report ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)) for a response with
    /// status 400.
    #[must_use]
    pub fn to_problem(&self) -> String {
        let detail: String = self
            .to_string()
            .chars()
            .map(|c| {
                if c.is_control() || matches!(c, '"' | '\\') {
                    '?'
                } else {
                    c
                }
            })
            .collect();
        format!(
            r#"{{"type":"about:blank","title":"Bad Request","status":400,"detail":"{detail}"}}"#
        )
    }
}

impl fmt::Display for MissingValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { key, place, reason } = &*self.0;
        let reason = reason.as_deref().unwrap_or("is missing");
        write!(f, "the {place} `{key}` {reason}")
    }
}

impl Error for MissingValue {}

#[cfg(test)]
mod tests {
    use super::MissingValue;

    /// The names of variables and keys are chosen by the program, so the report must be valid JSON with any of them.
    #[test]
    fn a_problem_report_is_valid_json() {
        let problem = MissingValue::new("a\"b\\c\nd", "message header", None).to_problem();
        let expected = r#""detail":"the message header `a?b?c?d` is missing"}"#;
        assert!(problem.ends_with(expected), "{problem}");
    }
}
