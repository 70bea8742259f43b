//! The logged variables of the current scope, as text.

use std::cell::Cell;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use propagate_context::visit_logged;

/// The most bytes of a value that are kept.
const LONGEST: usize = 1024;

thread_local! {
    /// Whether this thread is inside the `Display` of a value.
    static RENDERING: Cell<bool> = const { Cell::new(false) };
}

/// The variables, rendered. None while a value is being rendered: its `Display` may log, too.
pub(crate) fn current() -> Vec<(&'static str, String)> {
    let mut variables = Vec::new();
    if !RENDERING.replace(true) {
        visit_logged(|name, value| variables.push((name, render(value))));
        RENDERING.set(false);
    }
    variables
}

/// The value is written by code of a user: what goes wrong there costs this value alone.
fn render(value: &dyn Display) -> String {
    let rendered = catch_unwind(AssertUnwindSafe(|| value.to_string()));
    let mut text = rendered.unwrap_or_else(|_| "<panicked>".to_owned());
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|&at| text.is_char_boundary(at));
        text.truncate(end.unwrap_or_default());
        text.push_str("…<cut>");
    }
    text
}
