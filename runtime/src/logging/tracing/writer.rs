//! `ContextWriter`: the logged variables on the lines of a subscriber that has a format of its own.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::marker::PhantomData;
use std::mem;

use tracing_core::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use super::{json, logfmt, text};
use crate::Variable;
use crate::logging::fields::render::Style;
use crate::logging::fields::{Buffers, LineOptions, Syntax};

/// What the schemas of bunyan, json-subscriber, logfmt and Stackdriver call members of their own, beside the names that
/// `tracing_subscriber`'s JSON has.
const RESERVED: [&str; 19] = [
    "@timestamp",
    "file",
    "hostname",
    "httpRequest",
    "labels",
    "line",
    "location",
    "logger",
    "module_path",
    "msg",
    "name",
    "pid",
    "serviceContext",
    "severity",
    "span_path",
    "time",
    "traceback",
    "ts",
    "v",
];

/// A [`MakeWriter`] that puts the logged variables on each line which goes through it: for subscribers whose format
/// cannot be mapped with [`with_context`](super::with_context), such as those of `tracing-bunyan-formatter`,
/// `json-subscriber`, `tracing-logfmt` and `tracing-stackdriver`.
///
/// It goes around the writer of that subscriber, also around a writer that hands lines to a thread of its own
/// (`ContextWriter::new(non_blocking)`). The other order does not compile, since there the variables would be those of
/// that thread.
///
/// ```
/// use propagate_context::tracing::ContextWriter;
/// use tracing_subscriber::fmt::MakeWriter;
/// # use propagate_context::ContextVar;
/// # use std::io::Write;
/// # static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();
///
/// // With tracing-bunyan-formatter: BunyanFormattingLayer::new("shop".into(), ContextWriter::new(std::io::stdout))
/// let writer = ContextWriter::new(std::io::stdout);
/// # TENANT.sync_scope("acme", || writer.make_writer().write_all(b"{\"msg\":\"hi\"}\n")).unwrap();
/// ```
///
/// A line that is a JSON object gets them as members at its top level, a line of `key=value` pairs as pairs; any other
/// line is text and gets them behind its level, or in front. A member or pair of the line that has the name of a
/// variable is renamed or dropped, as the [module](super) says. A blank line is left alone.
///
/// The variables are those of the thread and the scope in which the line is *written*. A subscriber that writes later
/// than the event happens, such as `tracing-forest`, which writes a tree when its root span closes, gets those of that
/// moment: of events of several requests under one root span none.
#[derive(Clone, Debug)]
pub struct ContextWriter<M> {
    inner: M,
    options: LineOptions,
}

impl<M> ContextWriter<M> {
    /// Puts the logged variables on each line that goes to the writers of `inner`.
    pub fn new(inner: M) -> Self {
        let mut options = LineOptions::default();
        options.reserved.extend(RESERVED);
        Self { inner, options }
    }

    /// Names that the schema of the lines has for itself: a variable of such a name is shown as `context_name`.
    ///
    /// Those of `tracing_subscriber`'s JSON, bunyan, json-subscriber, logfmt and Stackdriver are known.
    ///
    /// ```
    /// # use propagate_context::tracing::ContextWriter;
    /// let writer = ContextWriter::new(std::io::stdout).reserving(&["host", "service"]);
    /// # _ = writer;
    /// ```
    #[must_use]
    pub fn reserving(mut self, names: &[&'static str]) -> Self {
        self.options.reserved.extend(names);
        self
    }

    /// Shows `text` on each line where `variable` is not set.
    ///
    /// ```
    /// use propagate_context::{REQUEST_ID, tracing::ContextWriter};
    ///
    /// let writer = ContextWriter::new(std::io::stdout).placeholder(&REQUEST_ID, "-");
    /// # _ = writer;
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

    fn lines<W: Write>(&self, writer: W, level: Option<Level>) -> ContextLines<'_, W> {
        ContextLines {
            writer,
            level,
            options: &self.options,
            pending: Vec::new(),
            _of_this_thread: PhantomData,
        }
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for ContextWriter<M> {
    type Writer = ContextLines<'a, M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        self.lines(self.inner.make_writer(), None)
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Self::Writer {
        self.lines(
            self.inner.make_writer_for(metadata),
            Some(*metadata.level()),
        )
    }
}

/// Writes complete lines, each with the logged variables of the current scope; made by [`ContextWriter`].
///
/// It cannot be sent to another thread, which has another scope.
pub struct ContextLines<'a, W: Write> {
    writer: W,
    level: Option<Level>,
    options: &'a LineOptions,
    /// The start of a line whose end has not come yet.
    pending: Vec<u8>,
    _of_this_thread: PhantomData<*const ()>,
}

impl<W: Write> ContextLines<'_, W> {
    /// Writes lines, in one call of the writer.
    fn write_lines(&mut self, lines: &[u8]) -> io::Result<()> {
        let Ok(lines) = std::str::from_utf8(lines) else {
            return self.writer.write_all(lines);
        };
        Buffers::with(|buffers| {
            let mut out = mem::take(&mut buffers.out);
            let mut rest = lines;
            while !rest.is_empty() {
                let (line, behind) = rest.split_at(line_length(rest));
                // A `String` takes everything.
                let object = self.add(line, rest, buffers, &mut out);
                buffers.clear_fields();
                rest = object.ok().flatten().unwrap_or(behind);
            }
            let result = self.writer.write_all(out.as_bytes());
            buffers.out = out;
            result
        })
    }

    /// Adds the line; of `lines`, which start with it, returns those behind an object that is more than one line.
    fn add<'l>(
        &self,
        line: &str,
        lines: &'l str,
        buffers: &mut Buffers,
        out: &mut String,
    ) -> Result<Option<&'l str>, fmt::Error> {
        if line.trim().is_empty() {
            out.push_str(line);
            return Ok(None);
        }
        if line.starts_with('{') {
            buffers.render(Syntax::Json, self.options, Style::PLAIN);
            if json::write(line, buffers, out)? {
                return Ok(None);
            }
            if let Some(length) = object_length(lines) {
                let (object, behind) = lines.split_at(length);
                json::write(object, buffers, out)?;
                return Ok(Some(behind));
            }
            buffers.clear_fields();
        }
        buffers.render(Syntax::Text, self.options, Style::PLAIN);
        if !logfmt::write(line, buffers, out)? {
            text::write(line, self.level, &buffers.fields, out)?;
        }
        Ok(None)
    }
}

/// How long the first line is, with its end.
fn line_length(lines: &str) -> usize {
    lines.find('\n').map_or(lines.len(), |end| end + 1)
}

/// How long an object that is written on several lines is, with the end of the last one.
fn object_length(lines: &str) -> Option<usize> {
    let end = super::object::members(lines, |_| ())?;
    Some(end + line_length(&lines[end..]))
}

impl<W: Write> Write for ContextLines<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.pending.is_empty() && bytes.ends_with(b"\n") {
            self.write_lines(bytes)?;
            return Ok(bytes.len());
        }
        self.pending.extend_from_slice(bytes);
        if let Some(end) = memchr::memrchr(b'\n', &self.pending) {
            let rest = self.pending.split_off(end + 1);
            let lines = mem::replace(&mut self.pending, rest);
            self.write_lines(&lines)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

impl<W: Write> Drop for ContextLines<'_, W> {
    fn drop(&mut self) {
        if !self.pending.is_empty() {
            let lines = mem::take(&mut self.pending);
            // An error has no place to be reported to.
            _ = self.write_lines(&lines);
        }
    }
}

impl<W: Write> fmt::Debug for ContextLines<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextLines")
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}
