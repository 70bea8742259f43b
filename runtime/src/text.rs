//! A value as text, written by code of a user.

use std::fmt::{Display, Write as _};

/// What `value` writes; `None` where it says that it cannot, which `to_string` would panic for.
pub(crate) fn text_of(value: &(impl Display + ?Sized)) -> Option<String> {
    let mut text = String::new();
    write!(text, "{value}").ok()?;
    Some(text)
}
