//! `ContextWriter`: the logged variables on the lines of a subscriber that has a format of its own.

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
/// The variables are those of the thread and the scope in which the writer is made, which is when the line is *written*. A
/// subscriber that writes later
/// than the event happens, such as `tracing-forest`, which writes a tree when its root span closes, gets those of that
/// moment: of events of several requests under one root span none.
#[derive(Clone, Debug)]
pub struct ContextWriter<M> {
    inner: M,
    options: LineOptions,
    /// What the last line was.
    last: Arc<AtomicU8>,
}

impl<M> ContextWriter<M> {
    /// Puts the logged variables on each line that goes to the writers of `inner`.
    pub fn new(inner: M) -> Self {
        let mut options = LineOptions::default();
        options.reserve(&RESERVED);
        Self {
            inner,
            options,
            last: Arc::default(),
        }
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

    /// Renders first: a writer may hold a lock that a line which a `Display` logs would wait for.
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

/// Writes complete lines, each with the logged variables of the scope in which it was made; made by [`ContextWriter`].
///
/// It cannot be sent to another thread, which has another scope.
pub struct ContextLines<'a, W: Write> {
    writer: W,
    level: Option<Level>,
    options: &'a LineOptions,
    /// What the last line was, of this writer or another one.
    last: &'a AtomicU8,
    /// There until the writer is dropped.
    buffers: Option<Box<Buffers>>,
    /// What the buffers hold.
    rendered: Syntax,
    /// The same in the other syntax, where there was no line yet.
    other: Option<Box<Buffers>>,
    /// The start of a line whose end has not come yet.
    pending: Vec<u8>,
    _of_this_thread: PhantomData<*const ()>,
}

impl<W: Write> ContextLines<'_, W> {
    /// Writes lines, in one call of the writer.
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

    /// Lines of which some are not UTF-8: what is known of those is where they start.
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

    /// Adds the first of these lines, or the object of several lines that they start with; returns the others.
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
            // A `String` takes everything.
            _ = text::write(line, self.level, &buffers.fields, out);
        }
        behind
    }

    /// Sees to it that the buffers hold the variables in this syntax.
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

/// A `String`, which is written to, takes everything.
fn is_written(result: Result<bool, fmt::Error>) -> bool {
    result == Ok(true)
}

/// How long the first line is, with its end.
fn line_length(lines: &str) -> usize {
    memchr::memchr(b'\n', lines.as_bytes()).map_or(lines.len(), |end| end + 1)
}

/// How long an object that is written on several lines is, with the end of the last one.
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
            // An error has no place to be reported to.
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
