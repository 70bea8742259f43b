//! `WithContext`: an event format with the logged variables on each line.

use std::fmt;
use std::mem;

use tracing_core::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::{colours, event, json, object, spans, text};
use crate::logging::fields::escape::is_harmed_by;
use crate::logging::fields::render::Style;
use crate::logging::fields::{Buffers, LineOptions, Names, Syntax, placeholder_method};

/// Adds the logged variables to each line of `format`: full, compact, pretty, JSON, or a custom one.
///
/// Pass it to `map_event_format` of [`tracing_subscriber::fmt()`] or [`tracing_subscriber::fmt::layer()`], after the
/// options that choose the format:
///
/// ```
/// use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
///
/// tracing_subscriber::registry()
///     .with(tracing_subscriber::fmt::layer().map_event_format(propagate_context::tracing::with_context))
///     .init();
/// ```
///
/// It works on the output of the format. Each JSON object gets the variables at its top level, before its own members.
/// Any other output is text: the variables follow the level, where `tracing_subscriber` writes the spans. If there is
/// no level they follow the time, and otherwise they are at the start of the line. If an event is written on several
/// lines, they are on the first one. If the format writes nothing, nothing is added.
pub fn with_context<E>(format: E) -> WithContext<E> {
    WithContext {
        format,
        options: LineOptions::default(),
    }
}

/// An event format that adds the logged variables to each line of `E`; made by [`with_context`].
#[derive(Clone, Debug, Default)]
pub struct WithContext<E> {
    format: E,
    options: LineOptions,
}

impl<E> WithContext<E> {
    placeholder_method! {
        /// Shows `text` on each line where `variable` is not set.
        ///
        /// ```
        /// use propagate_context::{REQUEST_ID, tracing::with_context};
        ///
        /// tracing_subscriber::fmt()
        ///     .map_event_format(|format| with_context(format).placeholder(&REQUEST_ID, "-"))
        ///     .init();
        /// tracing::info!("listening"); // .. INFO request_id=- shop: listening
        /// ```
    }
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
        Buffers::with(|buffers| {
            // Taken out of the buffers, which are written to while the line is read.
            let mut line = mem::take(&mut buffers.line);
            let result = if writer.has_ansi_escapes() {
                colours::with_buffer(|buffer| match buffer {
                    None => self.write(ctx, &mut writer, event, buffers, &mut Plain(&mut line)),
                    Some(buffer) => self.write(ctx, &mut writer, event, buffers, buffer),
                })
            } else {
                self.write(ctx, &mut writer, event, buffers, &mut Plain(&mut line))
            };
            buffers.line = line;
            result
        })
    }
}

impl<E> WithContext<E> {
    fn write<S, N>(
        &self,
        ctx: &FmtContext<'_, S, N>,
        writer: &mut Writer<'_>,
        event: &Event<'_>,
        buffers: &mut Buffers,
        line: &mut impl Line,
    ) -> fmt::Result
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        N: for<'a> FormatFields<'a> + 'static,
        E: FormatEvent<S, N>,
    {
        self.format.format_event(ctx, line.writer(), event)?;
        if object::start(line.text()).is_some() {
            buffers.render(Syntax::Json, &self.options, Style::PLAIN);
            let may_follow = || !event::harms(event, line.text());
            if json::write(line.text(), buffers, writer, may_follow)? {
                return Ok(());
            }
            buffers.clear_fields();
        }
        if line.text().trim().is_empty() {
            return writer.write_str(line.text());
        }
        let is_styled = line.writer().has_ansi_escapes();
        let style = if is_styled {
            Style::COLOURED
        } else {
            Style::PLAIN
        };
        buffers.render(Syntax::Text, &self.options, style);
        if could_forge(ctx, line.text(), is_styled, event, &buffers.names) {
            let values = event::clean(event, &buffers.names, line.text());
            line.clear();
            event::with_values(event, &values, |event| {
                self.format.format_event(ctx, line.writer(), event)
            })?;
        }
        let level = *event.metadata().level();
        text::write(line.text(), Some(level), &buffers.fields, writer)
    }
}

/// Whether part of the event on a line of text could pass for a variable, or breaks the line. Also cleans the fields of
/// its spans.
fn could_forge<S, N>(
    ctx: &FmtContext<'_, S, N>,
    line: &str,
    is_styled: bool,
    event: &Event<'_>,
    names: &Names,
) -> bool
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    let body = line.strip_suffix('\n').unwrap_or(line);
    // Also true for a format that writes an event on several lines.
    let is_harmed = is_harmed_by(body, is_styled);
    let cleaned = (is_harmed || !names.is_empty()) && spans::clean(ctx, names, line, is_harmed);
    // The lines that a formatter writes about spans have the formatter's own fields.
    let clashes = event.metadata().is_event() && event::clashes(event.metadata(), names);
    // On the line, styles in the event cannot be distinguished from those of the format.
    cleaned || clashes || ((is_harmed || is_styled) && event::harms(event, line))
}

/// The buffer that a format writes its line to.
trait Line {
    fn writer(&mut self) -> Writer<'_>;
    fn text(&self) -> &str;
    fn clear(&mut self);
}

struct Plain<'a>(&'a mut String);

impl Line for Plain<'_> {
    fn writer(&mut self) -> Writer<'_> {
        Writer::new(self.0)
    }

    fn text(&self) -> &str {
        self.0
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

impl Line for colours::ColouredBuffer {
    fn writer(&mut self) -> Writer<'_> {
        self.as_writer()
    }

    fn text(&self) -> &str {
        &self.fields
    }

    fn clear(&mut self) {
        self.fields.clear();
    }
}
