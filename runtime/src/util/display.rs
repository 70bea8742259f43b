//! A value as text, written by code of a user.

use std::fmt::{Display, Write as _};

use super::caught::caught;

/// What `value` writes; `None` where it returns an error, which `to_string` would panic for, or panics.
pub(crate) fn text_of(value: &(impl Display + ?Sized)) -> Option<String> {
    caught(|| {
        let mut text = String::new();
        write!(text, "{value}").ok().map(|()| text)
    })
    .flatten()
}
