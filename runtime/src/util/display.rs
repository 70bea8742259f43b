//! Formats values with user code.

use std::fmt::{Display, Write as _};

use super::caught::caught;

/// Formats `value`. Returns `None` if its `Display` panics or returns an error, for which `to_string` would panic.
pub(crate) fn text_of(value: &(impl Display + ?Sized)) -> Option<String> {
    caught(|| {
        let mut text = String::new();
        write!(text, "{value}").ok().map(|()| text)
    })
    .flatten()
}
