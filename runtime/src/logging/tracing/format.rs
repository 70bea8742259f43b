//! `WithContext`: an event format with the logged variables on each line.

use std::fmt;

use tracing_core::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::{json, text};
use crate::logging::fields::render::Buffers;

/// Puts the logged variables on each line of `format`: full, compact, pretty, JSON, or one of your own.
///
/// For `map_event_format` of [`tracing_subscriber::fmt()`] and [`tracing_subscriber::fmt::layer()`], behind their options
/// for the format:
///
/// ```
/// use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
///
/// tracing_subscriber::registry()
///     .with(tracing_subscriber::fmt::layer().map_event_format(propagate_context::tracing::with_context))
///     .init();
/// ```
///
/// A line that is a JSON object gets them as strings at its top level, in front of its own members. Any other line has
/// them in front; of an event that is written on several lines it is the first one. What the format writes is
/// untouched, its colours too.
pub fn with_context<E>(format: E) -> WithContext<E> {
    WithContext {
        format,
        is_json: false,
    }
}

/// As [`with_context`], for a JSON format of your own in a subscriber that has colours on.
///
/// They are on wherever `.json()` has not turned them off, so also for what is passed to `event_format`. A line that may
/// have colours goes to the writer at once, with the variables in front of it; this one says that it has none.
///
/// ```
/// # use tracing_subscriber::fmt::format;
/// # let your_json_format = format().json();
/// tracing_subscriber::fmt()
///     .event_format(propagate_context::tracing::with_json_context(your_json_format))
///     .init();
/// ```
pub fn with_json_context<E>(format: E) -> WithContext<E> {
    WithContext {
        format,
        is_json: true,
    }
}

/// An event format with the logged variables on each line that `E` writes; made by [`with_context`].
#[derive(Clone, Copy, Debug, Default)]
pub struct WithContext<E> {
    format: E,
    /// Whether the format is known to need no colours.
    is_json: bool,
}

impl<S, N, E> FormatEvent<S, N> for WithContext<E>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    E: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let has_colours = writer.has_ansi_escapes() && !self.is_json;
        Buffers::with(|buffers| {
            if has_colours {
                // Only the writer itself has colours: one of our own, to see first what the format writes, has not.
                text::write(&mut writer, buffers)?;
                return text::end_if_panicked(&mut writer, |writer| {
                    self.format.format_event(ctx, writer, event)
                });
            }
            let line = Writer::new(&mut buffers.line);
            self.format.format_event(ctx, line, event)?;
            if !json::write(&mut writer, buffers)? {
                buffers.clear_fields();
                text::write(&mut writer, buffers)?;
                writer.write_str(&buffers.line)?;
            }
            Ok(())
        })
    }
}
