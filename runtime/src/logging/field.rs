//! `field`: keys on the log lines of the current scope, without a declared variable.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};
use std::sync::Arc;

use crate::util::caught::caught;
use crate::var::ContextVar;
use crate::var::shown::Shown;
use crate::var::value_kind::ValueKind;

/// The maximum length in bytes of a name that does not belong to a variable.
const LONGEST_NAME: usize = 128;
/// The maximum number of fields per scope.
const MOST: usize = 32;
/// The maximum number of bytes that are kept of a value. A line shows no more of them than of a variable's value.
const LONGEST: usize = 2048;

/// The fields of a scope. Not logged as a variable: each field has its own name.
static FIELDS: ContextVar<Fields> = ContextVar::new("fields");

type Fields = Arc<Vec<Field>>;

#[derive(Clone)]
struct Field {
    name: Cow<'static, str>,
    value: FieldValue,
}

/// Adds `value` as `name` to each subsequent log line of the current scope, and of the children that it spawns
/// afterwards.
///
/// Use it for values that only log lines need, such as the number of items in a cart or the name of a feature flag. A
/// field is never sent to another process, and ends with its scope. A second value with the same name replaces the
/// first. For a value that code reads or sends, declare a [`ContextVar`].
///
/// A scope keeps up to 32 fields; further ones are dropped. Names are truncated to 128 bytes. Outside of every scope
/// the call does nothing, because the field would remain on the thread for unrelated code that runs there next. A name
/// that a variable already has gets a number, as in `tenant_2`.
///
/// ```
/// use propagate_context::{Context, field, visit_logged};
///
/// Context::empty().sync_scope(|| {
///     field("cart_items", 3);
///     field("coupon", "SUMMER");
///     let mut line = String::from("checking out");
///     visit_logged(|name, value| line += &format!(" {name}={value}"));
///     assert_eq!(line, "checking out cart_items=3 coupon=SUMMER");
/// });
/// ```
pub fn field(name: impl Into<Cow<'static, str>>, value: impl Into<FieldValue>) {
    let (mut name, value) = (name.into(), value.into());
    let shown = shown_of_name(&name).len();
    if shown < name.len() {
        name.to_mut().truncate(shown);
    }
    if name.is_empty() {
        return;
    }
    let mut fields = current().unwrap_or_default();
    let list = Arc::make_mut(&mut fields);
    match list.iter().position(|field| field.name == name) {
        Some(before) => list[before].value = value,
        None if list.len() < MOST => list.push(Field { name, value }),
        None => return,
    }
    // Fails outside of every scope, where the field is dropped.
    _ = FIELDS.try_set(fields);
}

fn current() -> Option<Fields> {
    FIELDS.peek(|fields| Some(fields?.clone()))
}

/// Calls `f` with each field of the current scope.
pub(super) fn visit(f: &mut dyn FnMut(&str, Shown<'_>)) {
    for Field { name, value } in current().iter().flat_map(|fields| &***fields) {
        let shown = Shown {
            value: &value.text,
            kind: value.kind,
            text: Some(&value.text),
        };
        f(name, shown);
    }
}

/// The value of a [`field`]: a number, a boolean or a string.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldValue {
    text: Cow<'static, str>,
    kind: ValueKind,
}

impl FieldValue {
    /// Formats `value` with its `Display`, as a string; `<panicked>` if that panics.
    ///
    /// ```
    /// # use propagate_context::{FieldValue, field};
    /// field("peer", FieldValue::display(std::net::Ipv4Addr::LOCALHOST));
    /// ```
    pub fn display(value: impl Display) -> Self {
        Self::shown(&value, ValueKind::Text)
    }

    fn shown(value: &dyn Display, kind: ValueKind) -> Self {
        let mut text = Bounded(String::new());
        // If the `Display` fails or writes too much, what it has written so far is kept.
        let written = caught(|| _ = write!(text, "{value}"));
        let text = written.map_or(Cow::Borrowed("<panicked>"), |()| text.0.into());
        Self { text, kind }
    }
}

impl Display for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ValueKind::Text => fmt::Debug::fmt(&*self.text, f),
            _ => f.write_str(&self.text),
        }
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::display(text)
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        Self::display(text)
    }
}

impl From<&String> for FieldValue {
    fn from(text: &String) -> Self {
        Self::display(text)
    }
}

macro_rules! from_values {
    ($($value:ty)*) => {
        $(impl From<$value> for FieldValue {
            fn from(value: $value) -> Self {
                Self::shown(&value, ValueKind::of(&value))
            }
        })*
    };
}

from_values!(bool i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64);

/// Accepts the bytes that are kept of a value, and returns an error for more.
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let left = LONGEST - self.0.len();
        if text.len() <= left {
            self.0.push_str(text);
            return Ok(());
        }
        let end = (0..=left).rev().find(|&end| text.is_char_boundary(end));
        self.0.push_str(&text[..end.unwrap_or(0)]);
        Err(fmt::Error)
    }
}

/// The prefix of a name that is shown. Such names can be generated at run time, so their length is bounded.
pub(super) fn shown_of_name(name: &str) -> &str {
    let longest = name.len().min(LONGEST_NAME);
    let end = (0..=longest).rev().find(|&end| name.is_char_boundary(end));
    &name[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::{FieldValue, LONGEST, MOST, field};
    use crate::{Context, visit_logged};

    #[test]
    fn a_scope_keeps_a_limited_number_of_fields() {
        Context::empty().sync_scope(|| {
            for n in 0..MOST + 2 {
                field(format!("field_{n}"), n);
            }
            field("field_0", "changed");
            let mut lines = Vec::new();
            visit_logged(|name, value| lines.push(format!("{name}={value}")));
            assert_eq!(lines.len(), MOST);
            assert_eq!(lines[0], "field_0=changed");
            assert_eq!(lines[MOST - 1], format!("field_{}={}", MOST - 1, MOST - 1));
        });
    }

    #[test]
    fn what_is_kept_of_a_value_is_bounded() {
        let longest = "x".repeat(LONGEST);
        let (start, end) = longest.split_at(LONGEST - 100);
        for more in ["", "y", "\u{e4}\u{e4}"] {
            let value = FieldValue::display(format_args!("{start}{end}{more}"));
            assert_eq!(value.to_string(), longest);
        }
        let value = FieldValue::display(format_args!("{start}{}", "\u{1f600}".repeat(100)));
        assert_eq!(
            value.to_string(),
            start.to_owned() + &"\u{1f600}".repeat(25)
        );
        assert_eq!(FieldValue::from(7).to_string(), "7");
    }
}
