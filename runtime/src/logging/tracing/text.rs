//! A line for people: the fields, then what the format writes.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use tracing_subscriber::fmt::format::Writer;

use crate::logging::fields::{Buffers, Syntax};

/// Writes `name=value ` for each logged variable.
pub(super) fn write(writer: &mut Writer<'_>, buffers: &mut Buffers) -> fmt::Result {
    // A name is dim where the terminal has colours, as `tracing_subscriber` does it with what is not the message.
    let (dim, bright) = if writer.has_ansi_escapes() {
        ("\x1b[2m", "\x1b[0m")
    } else {
        ("", "")
    };
    let Buffers { names, fields, .. } = buffers;
    crate::visit_logged(|name, value| {
        fields.push_str(dim);
        Syntax::Text.push_name(names.take(name), fields);
        fields.push('=');
        fields.push_str(bright);
        Syntax::Text.push_value(value, fields);
        fields.push(' ');
    });
    writer.write_str(fields)
}

/// Runs the format; if it panics, ends the line. `tracing_subscriber` keeps what was written until then and puts the
/// next line of the thread behind it.
pub(super) fn end_if_panicked(
    writer: &mut Writer<'_>,
    format: impl FnOnce(Writer<'_>) -> fmt::Result,
) -> fmt::Result {
    match catch_unwind(AssertUnwindSafe(|| format(writer.by_ref()))) {
        Ok(written) => written,
        Err(panic) => {
            _ = writer.write_str(" <panicked>\n");
            resume_unwind(panic)
        }
    }
}
