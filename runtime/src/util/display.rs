//! A value as text, written by code of a user.

use std::fmt::{Display, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `value` writes; `None` where it returns an error, which `to_string` would panic for, or panics.
pub(crate) fn text_of(value: &(impl Display + ?Sized)) -> Option<String> {
    // Nothing is left of it that could be seen half written.
    let write = AssertUnwindSafe(|| {
        let mut text = String::new();
        write!(text, "{value}").ok().map(|()| text)
    });
    catch_unwind(write).ok().flatten()
}
