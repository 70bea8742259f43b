//! Builds one line: each value is rendered, bounded, and cannot break the line.

use std::cell::Cell;
use std::fmt::{self, Display, Write};
use std::ops::Range;

use super::escape::Syntax;
use super::names::{Form, Names};
use super::options::LineOptions;
use crate::util::caught::caught;
use crate::var::shown::Shown;
use crate::var::value_kind::ValueKind;

/// How many bytes of a value are shown, before escaping.
const LONGEST: usize = 1024;
/// Follows the part that is shown of a long value.
const CUT: &str = "…<cut>";
/// Replaces a value whose `Display` panicked.
pub(crate) const PANICKED: &str = "<panicked>";
/// Replaces a value whose `Display` returned an error.
const FAILED: &str = "<failed>";
/// Replaces each value on a line that was logged by the `Display` of a value.
const NESTED: &str = "<nested>";

/// A thread keeps its buffers from line to line, unless a line has made them larger than this.
const LARGEST_KEPT: usize = 64 * 1024;

thread_local! {
    static SPARE: Cell<Option<Box<Buffers>>> = const { Cell::new(None) };
    /// Whether this thread is inside the `Display` of a logged value.
    static RENDERING: Cell<bool> = const { Cell::new(false) };
}

/// What is needed to put a line together, so that a line allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// The names on this line.
    pub(crate) names: Names,
    /// The rendered fields of this line.
    pub(crate) fields: String,
    /// The value of each name.
    pub(crate) values: Vec<Rendered>,
    /// The line without them.
    pub(crate) line: String,
    /// The line with them, where it does not go to a writer at once.
    #[cfg(feature = "tracing")]
    pub(crate) out: String,
}

impl Buffers {
    /// Calls `f` with what is [lent](Self::lend).
    pub(crate) fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
        let mut buffers = Self::lend();
        let result = f(&mut buffers);
        // Where this is not reached since something panicked, the next line starts with new ones: no line ever finds
        // what another one has left.
        buffers.give_back();
        result
    }

    /// Lends the buffers of this thread, empty; new ones where they are in use, which is on a line that is logged while
    /// another one is put together.
    pub(crate) fn lend() -> Box<Self> {
        // In the destructor of another thread-local they may be gone.
        let spare = SPARE.try_with(Cell::take);
        spare.ok().flatten().unwrap_or_default()
    }

    /// Keeps them for the next line.
    pub(crate) fn give_back(mut self: Box<Self>) {
        self.clear_fields();
        self.line.clear();
        let largest = self.fields.capacity().max(self.line.capacity());
        #[cfg(feature = "tracing")]
        let largest = {
            self.out.clear();
            largest.max(self.out.capacity())
        };
        if largest <= LARGEST_KEPT {
            _ = SPARE.try_with(|spare| spare.set(Some(self)));
        }
    }

    /// Renders the names and values of this line: in JSON `{"name":"value",`, in text `name=value `, of pairs the values
    /// alone.
    pub(crate) fn render(&mut self, syntax: Syntax, options: &LineOptions, style: Style) {
        let Self {
            names,
            fields,
            values,
            ..
        } = self;
        if syntax == Syntax::Json {
            fields.push('{');
        }
        names.begin(Form {
            syntax: Some(syntax),
            is_coloured: !style.dim.is_empty(),
            reserved: options.reserved_id,
        });
        options.visit(&mut |name, shown| {
            let label = names.take(name, &options.reserved, |name, label| {
                syntax.push_label(name, style, label);
            });
            fields.push_str(label);
            let start = fields.len();
            syntax.push_value(shown, fields);
            values.push(Rendered {
                range: start..fields.len(),
                kind: shown.kind,
            });
            match syntax {
                Syntax::Json => fields.push(','),
                Syntax::Text => fields.push(' '),
                Syntax::Pair | Syntax::Message => {}
            }
        });
    }

    /// To render the fields once more.
    pub(crate) fn clear_fields(&mut self) {
        self.names.clear();
        self.fields.clear();
        self.values.clear();
    }
}

/// A value on a line.
#[derive(Debug)]
pub(crate) struct Rendered {
    range: Range<usize>,
    pub(crate) kind: ValueKind,
}

impl Rendered {
    /// The value in the `fields` that it was rendered to.
    pub(crate) fn text<'a>(&self, fields: &'a str) -> &'a str {
        &fields[self.range.clone()]
    }
}

/// What is written around a name where a line has colours.
#[derive(Clone, Copy)]
pub(crate) struct Style {
    dim: &'static str,
    bright: &'static str,
}

impl Style {
    pub(crate) const PLAIN: Self = Self {
        dim: "",
        bright: "",
    };
    /// A name is dim, as `tracing_subscriber` has it with what is not the message.
    #[cfg(feature = "tracing")]
    pub(crate) const COLOURED: Self = Self {
        dim: "\x1b[2m",
        bright: "\x1b[0m",
    };
}

impl Syntax {
    /// Appends a name and what separates it from its value; nothing where somebody else does so.
    fn push_label(self, name: &str, style: Style, out: &mut String) {
        match self {
            Self::Json => {
                self.push_text(name, out);
                out.push(':');
            }
            Self::Text => {
                out.push_str(style.dim);
                self.push_text(name, out);
                out.push('=');
                out.push_str(style.bright);
            }
            Self::Pair | Self::Message => {}
        }
    }

    /// Appends what the `Display` of a value says, or a mark in its place.
    #[inline]
    pub(crate) fn push_value(self, shown: Shown<'_>, out: &mut String) {
        // Most values.
        if let Some(text) = shown.text {
            let fits =
                |text: &str| text.len() <= LONGEST && self.is_plain(text) && !RENDERING.get();
            if self == Self::Json {
                if shown.kind == ValueKind::Text && fits(text) {
                    out.push('"');
                    out.push_str(text);
                    out.push('"');
                    return;
                }
            } else if !text.is_empty() && fits(text) {
                out.push_str(text);
                return;
            }
        }
        self.push_other_value(shown, out);
    }

    fn push_other_value(self, shown: Shown<'_>, out: &mut String) {
        if self == Self::Json && shown.kind != ValueKind::Text {
            // The `Display` of Rust's own numbers and booleans.
            _ = write!(out, "{}", shown.value);
            return;
        }
        let start = self.open(out);
        let plain = match shown.text {
            _ if RENDERING.get() => self.escape(NESTED, out),
            Some(text) if text.len() <= LONGEST => self.escape(text, out),
            _ => {
                let _rendering = Rendering::begin();
                self.render(shown.value, out)
            }
        };
        self.close(start, plain, out);
    }

    fn render(self, value: &dyn Display, out: &mut String) -> bool {
        let start = out.len();
        let mut rest = BoundedWriter {
            syntax: self,
            out,
            left: LONGEST,
            cut: false,
            plain: true,
        };
        // The value is only read, and what it has written is taken back if it panics.
        let outcome = caught(|| write!(rest, "{value}"));
        let BoundedWriter { cut, plain, .. } = rest;
        let mark = match outcome {
            Some(_) if cut => {
                out.push_str(CUT);
                return plain;
            }
            Some(Ok(())) => return plain,
            Some(Err(fmt::Error)) => FAILED,
            None => PANICKED,
        };
        out.truncate(start);
        self.escape(mark, out)
    }
}

/// The rest of the room that a value has: escapes what is written and refuses what is too long, so that a `Display`
/// which has more to say can stop.
struct BoundedWriter<'a> {
    syntax: Syntax,
    out: &'a mut String,
    left: usize,
    cut: bool,
    plain: bool,
}

impl Write for BoundedWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut end = text.len();
        if end > self.left {
            self.cut = true;
            end = self.left;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
        }
        self.left = if self.cut { 0 } else { self.left - end };
        self.plain &= self.syntax.escape(&text[..end], self.out);
        if self.cut { Err(fmt::Error) } else { Ok(()) }
    }
}

/// Marks the thread for as long as a `Display` runs. If that logs, then its own line would ask it again, without end.
struct Rendering(());

impl Rendering {
    fn begin() -> Self {
        RENDERING.set(true);
        Self(())
    }
}

impl Drop for Rendering {
    fn drop(&mut self) {
        RENDERING.set(false);
    }
}
