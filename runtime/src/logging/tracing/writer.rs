//! `ContextWriter`: the logged variables on the lines of a subscriber that has its own format.

use std::fmt;
use std::io::{self, Write};
use std::marker::PhantomData;
use std::mem;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tracing_core::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

use super::{json, logfmt, object, text};
use crate::logging::fields::render::Style;
use crate::logging::fields::{Buffers, LineOptions, Syntax, placeholder_method};

/// The member names that the schemas of bunyan, json-subscriber, logfmt and Stackdriver use, in addition to those of
/// `tracing_subscriber`'s JSON.
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

/// A [`MakeWriter`] that adds the logged variables to each line written through it. Use it for subscribers whose format
/// cannot be mapped with [`with_context`](super::with_context), such as those of `tracing-bunyan-formatter`,
/// `json-subscriber`, `tracing-logfmt` and `tracing-stackdriver`.
///
/// It wraps the writer of that subscriber, including a writer that hands lines to another thread
/// (`ContextWriter::new(non_blocking)`). The other order does not compile, since the variables would be those of the
/// other thread.
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
/// A line that is a JSON object gets the variables as members at its top level, and a line of `key=value` pairs as
/// pairs. Any other line is text and gets them after its level, or at its start. A member or pair that has the name of
/// a variable is renamed or dropped, as described in the [module](super) documentation. Blank lines are left alone.
///
/// The variables are those of the thread and the scope in which the writer is made, which is when the line is
/// *written*. A subscriber that writes later than the event happens, such as `tracing-forest`, which writes a tree when
/// its root span closes, gets the variables of that moment. If the tree contains events of several requests, it has the
/// variables of none of them.
#[derive(Clone, Debug)]
pub struct ContextWriter<M> {
    inner: M,
    options: LineOptions,
    /// The kind of the last line.
    last: Arc<AtomicU8>,
}

impl<M> ContextWriter<M> {
    /// Wraps `inner`, so that the logged variables are added to each line that goes to its writers.
    pub fn new(inner: M) -> Self {
        let mut options = LineOptions::default();
        options.reserve(&RESERVED);
        Self {
            inner,
            options,
            last: Arc::default(),
        }
    }

    /// Reserves names that the schema of the lines uses: a variable with such a name is shown as `context_name`.
    ///
    /// The names that `tracing_subscriber`'s JSON, bunyan, json-subscriber, logfmt and Stackdriver use are reserved by
    /// default.
    ///
    /// ```
    /// # use propagate_context::tracing::ContextWriter;
    /// let writer = ContextWriter::new(std::io::stdout).reserving(&["host", "service"]);
    /// # _ = writer;
    /// ```
    #[must_use]
    pub fn reserving(mut self, names: &[&'static str]) -> Self {
        self.options.reserve(names);
        self
    }

    placeholder_method! {
        /// Shows `text` on each line where `variable` is not set.
        ///
        /// ```
        /// use propagate_context::{REQUEST_ID, tracing::ContextWriter};
        ///
        /// let writer = ContextWriter::new(std::io::stdout).placeholder(&REQUEST_ID, "-");
        /// # _ = writer;
        /// ```
    }

    /// Renders before making the writer: that may take a lock, and a `Display` that logs a line would then wait for it.
    fn lines<W: Write>(
        &self,
        level: Option<Level>,
        make: impl FnOnce() -> W,
    ) -> ContextLines<'_, W> {
        let (rendered, other) = match self.last.load(Ordering::Relaxed) {
            JSON => (Syntax::Json, None),
            TEXT => (Syntax::Text, None),
            _ => (Syntax::Text, Some(Syntax::Json)),
        };
        let render = |syntax| {
            let mut buffers = Buffers::lend();
            buffers.render(syntax, &self.options, Style::PLAIN);
            buffers
        };
        ContextLines {
            buffers: Some(render(rendered)),
            other: other.map(render),
            writer: make(),
            level,
            options: &self.options,
            last: &self.last,
            rendered,
            pending: Vec::new(),
            _of_this_thread: PhantomData,
        }
    }
}

impl<'a, M: MakeWriter<'a>> MakeWriter<'a> for ContextWriter<M> {
    type Writer = ContextLines<'a, M::Writer>;

    fn make_writer(&'a self) -> Self::Writer {
        self.lines(None, || self.inner.make_writer())
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Self::Writer {
        self.lines(Some(*metadata.level()), || {
            self.inner.make_writer_for(metadata)
        })
    }
}

/// A writer that adds the logged variables of the scope in which it was made to each line; made by [`ContextWriter`].
///
/// It is not `Send`, because another thread has another scope.
pub struct ContextLines<'a, W: Write> {
    writer: W,
    level: Option<Level>,
    options: &'a LineOptions,
    /// The kind of the last line, of this writer or another one.
    last: &'a AtomicU8,
    /// `Some` until the writer is dropped.
    buffers: Option<Box<Buffers>>,
    /// The syntax of the rendered fields in the buffers.
    rendered: Syntax,
    /// The fields in the other syntax, if no line has been written yet.
    other: Option<Box<Buffers>>,
    /// The start of an incomplete line.
    pending: Vec<u8>,
    _of_this_thread: PhantomData<*const ()>,
}

impl<W: Write> ContextLines<'_, W> {
    /// Writes complete lines in one call of the writer.
    fn write_lines(&mut self, lines: &[u8]) -> io::Result<()> {
        let Some(mut buffers) = self.buffers.take() else {
            return self.writer.write_all(lines);
        };
        let mut out = mem::take(&mut buffers.out);
        let result = if let Ok(mut rest) = std::str::from_utf8(lines) {
            while !rest.is_empty() {
                rest = self.add(rest, &mut buffers, &mut out);
            }
            self.writer.write_all(out.as_bytes())
        } else {
            let lines = self.of_bytes(lines, &mut buffers, &mut out);
            self.writer.write_all(&lines)
        };
        out.clear();
        buffers.out = out;
        self.buffers = Some(buffers);
        result
    }

    /// Handles lines that are not all UTF-8. An invalid line gets the variables at its start.
    #[cold]
    fn of_bytes(&mut self, lines: &[u8], buffers: &mut Box<Buffers>, out: &mut String) -> Vec<u8> {
        let mut all = Vec::new();
        for line in lines.split_inclusive(|&byte| byte == b'\n') {
            if let Ok(line) = std::str::from_utf8(line) {
                self.add(line, buffers, out);
                all.append(&mut mem::take(out).into_bytes());
            } else {
                self.render(Syntax::Text, buffers);
                all.extend_from_slice(buffers.fields.as_bytes());
                all.extend_from_slice(line);
            }
        }
        all
    }

    /// Adds the first of these lines, or the multi-line object that they start with, to `out`. Returns the remaining
    /// lines.
    fn add<'l>(&mut self, lines: &'l str, buffers: &mut Box<Buffers>, out: &mut String) -> &'l str {
        let (line, behind) = lines.split_at(line_length(lines));
        if object::start(line).is_some() {
            self.render(Syntax::Json, buffers);
            if is_written(json::write(line, buffers, out, || false)) {
                return behind;
            }
            if let Some(length) = object_length(lines) {
                let (object, behind) = lines.split_at(length);
                if is_written(json::write(object, buffers, out, || false)) {
                    return behind;
                }
            }
        }
        if line.trim().is_empty() {
            out.push_str(line);
            return behind;
        }
        self.render(Syntax::Text, buffers);
        if !is_written(logfmt::write(line, buffers, out)) {
            // Writing to a `String` cannot fail.
            _ = text::write(line, self.level, &buffers.fields, out);
        }
        behind
    }

    /// Renders the variables in this syntax, unless the buffers already hold them.
    fn render(&mut self, syntax: Syntax, buffers: &mut Box<Buffers>) {
        let is_first = self.other.is_some();
        if self.rendered != syntax {
            self.rendered = syntax;
            if let Some(other) = self.other.take() {
                *buffers = other;
            } else {
                buffers.clear_fields();
                buffers.render(syntax, self.options, Style::PLAIN);
            }
        } else if !is_first {
            return;
        }
        let last = if syntax == Syntax::Json { JSON } else { TEXT };
        self.last.store(last, Ordering::Relaxed);
    }
}

const TEXT: u8 = 1;
const JSON: u8 = 2;

/// Writing to a `String` cannot fail.
fn is_written(result: Result<bool, fmt::Error>) -> bool {
    result == Ok(true)
}

/// The length of the first line, including its line end.
fn line_length(lines: &str) -> usize {
    memchr::memchr(b'\n', lines.as_bytes()).map_or(lines.len(), |end| end + 1)
}

/// The length of an object on several lines, including the last line end.
fn object_length(lines: &str) -> Option<usize> {
    let start = object::start(lines)?;
    let end = start + object::members(&lines[start..], |_| ())?;
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
            // An error cannot be reported from `drop`.
            _ = self.write_lines(&lines);
        }
        if let Some(buffers) = self.buffers.take() {
            buffers.give_back();
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
