//! `WithContext`: an event format with the logged variables on each line.

use std::borrow::Cow;
use std::{fmt, mem};

use memchr::memchr2;
use tracing_core::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use super::{colours, event, json, text};
use crate::Variable;
use crate::logging::fields::render::Style;
use crate::logging::fields::{Buffers, LineOptions, Names, Syntax};

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
/// Looks at each line that the format has written. A JSON object gets the variables at its top level, in front of its
/// own members. Any other line is text: it gets them behind its level, where `tracing_subscriber` has the spans, or in
/// front where there is no level; of an event that is written on several lines it is the first one.
pub fn with_context<E>(format: E) -> WithContext<E> {
    WithContext {
        format,
        options: LineOptions::default(),
    }
}

/// An event format with the logged variables on each line that `E` writes; made by [`with_context`].
#[derive(Clone, Debug, Default)]
pub struct WithContext<E> {
    format: E,
    options: LineOptions,
}

impl<E> WithContext<E> {
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
    #[must_use]
    pub fn placeholder(
        mut self,
        variable: &'static dyn Variable,
        text: impl Into<Cow<'static, str>>,
    ) -> Self {
        self.options.add_placeholder(variable, text.into());
        self
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
            // Out of the buffers, which are written to while it is read.
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
        if line.text().starts_with('{') {
            buffers.render(Syntax::Json, &self.options, Style::PLAIN);
            if json::write(line.text(), buffers, writer)? {
                return Ok(());
            }
            buffers.clear_fields();
        }
        let style = if line.writer().has_ansi_escapes() {
            Style::COLOURED
        } else {
            Style::PLAIN
        };
        buffers.render(Syntax::Text, &self.options, style);
        if could_forge(ctx, line.text(), event, &buffers.names) {
            line.clear();
            event::cleaned(event, &buffers.names, |event| {
                self.format.format_event(ctx, line.writer(), event)
            })?;
        }
        let level = *event.metadata().level();
        text::write(line.text(), Some(level), &buffers.fields, writer)
    }
}

/// Whether something in a line of text could be taken for a variable, or for a line of its own. Escapes what spans have.
fn could_forge<S, N>(
    ctx: &FmtContext<'_, S, N>,
    line: &str,
    event: &Event<'_>,
    names: &Names,
) -> bool
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    if event::clashes(event.metadata(), names) {
        return true;
    }
    // Most are one line. The others are of a format that writes several, or of an event that has line ends.
    let body = line.strip_suffix('\n').unwrap_or(line);
    if memchr2(b'\n', b'\r', body.as_bytes()).is_none() {
        return false;
    }
    let mut escaped = false;
    for span in ctx.event_scope().into_iter().flatten() {
        let mut extensions = span.extensions_mut();
        if let Some(written) = extensions.get_mut::<FormattedFields<N>>() {
            if written.fields.contains(['\n', '\r']) {
                written.fields = written.fields.replace('\n', "\\n").replace('\r', "\\r");
                escaped = true;
            }
        }
    }
    escaped || event::has_line_ends(event)
}

/// Where a format writes its line.
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
