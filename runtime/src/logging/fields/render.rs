//! Builds one line: each value is rendered and bounded, and cannot break the line.

use std::cell::Cell;
use std::fmt::{self, Display, Write};
use std::ops::Range;

use super::escape::Syntax;
use super::names::{Form, Names};
use super::options::LineOptions;
use crate::util::caught::caught;
use crate::var::shown::Shown;
use crate::var::value_kind::ValueKind;

/// The maximum number of bytes that are shown of a value, before escaping.
const LONGEST: usize = 1024;
/// Follows a value that was cut.
const CUT: &str = "…<cut>";
/// Replaces a value whose `Display` panicked.
pub(crate) const PANICKED: &str = "<panicked>";
/// Replaces a value whose `Display` returned an error.
const FAILED: &str = "<failed>";
/// Replaces each value on a line that was logged by the `Display` of a value.
const NESTED: &str = "<nested>";

/// A thread keeps its buffers for the next line, unless a line has made them larger than this.
const LARGEST_KEPT: usize = 64 * 1024;

thread_local! {
    static SPARE: Cell<Option<Box<Buffers>>> = const { Cell::new(None) };
    /// Whether this thread is inside the `Display` of a logged value.
    static RENDERING: Cell<bool> = const { Cell::new(false) };
}

/// The buffers for building a line, reused so that a line allocates nothing.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    /// The names on this line.
    pub(crate) names: Names,
    /// The rendered fields of this line.
    pub(crate) fields: String,
    /// The value of each name.
    pub(crate) values: Vec<Rendered>,
    /// The line as the format wrote it.
    pub(crate) line: String,
    /// The line with the variables, if it is not written to a writer directly.
    #[cfg(feature = "tracing")]
    pub(crate) out: String,
}

impl Buffers {
    /// Calls `f` with buffers that are [lent](Self::lend).
    pub(crate) fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
        let mut buffers = Self::lend();
        let result = f(&mut buffers);
        // Not reached after a panic. The next line then starts with new buffers, so that no line ever finds leftovers
        // of another one.
        buffers.give_back();
        result
    }

    /// Lends the buffers of this thread, empty. Returns new ones if they are in use, that is, if a line is logged while
    /// another one is being built.
    pub(crate) fn lend() -> Box<Self> {
        // They may be gone in the destructor of another thread-local.
        let spare = SPARE.try_with(Cell::take);
        spare.ok().flatten().unwrap_or_default()
    }

    /// Keeps the buffers for the next line.
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

    /// Renders the names and values of this line: as `{"name":"value",` in JSON, as `name=value ` in text. For pairs,
    /// only the values are rendered.
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

    /// Clears the rendered fields, so that they can be rendered again.
    pub(crate) fn clear_fields(&mut self) {
        self.names.clear();
        self.fields.clear();
        self.values.clear();
    }
}

/// The position of a rendered value.
#[derive(Debug)]
pub(crate) struct Rendered {
    range: Range<usize>,
    pub(crate) kind: ValueKind,
}

impl Rendered {
    /// The value in `fields`, the buffer that it was rendered to.
    pub(crate) fn text<'a>(&self, fields: &'a str) -> &'a str {
        &fields[self.range.clone()]
    }
}

/// The escape sequences around a name on a line with colours.
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
    /// A dim name, as `tracing_subscriber` formats everything except the message.
    #[cfg(feature = "tracing")]
    pub(crate) const COLOURED: Self = Self {
        dim: "\x1b[2m",
        bright: "\x1b[0m",
    };
}

impl Syntax {
    /// Appends a name and the separator before its value; nothing if the caller writes pairs itself.
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

    /// Appends the value as formatted by its `Display`, or a placeholder if that fails.
    #[inline]
    pub(crate) fn push_value(self, shown: Shown<'_>, out: &mut String) {
        // The fast path for most values.
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
            // The `Display` of Rust's own numbers and booleans, which cannot fail.
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
        // The value is only read, and its partial output is removed if it panics.
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

/// The remaining space for a value. It escapes what is written, and returns an error if it is too long, so that the
/// `Display` can stop.
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

/// Marks the thread while a `Display` runs. If the `Display` logs a line, rendering the value on that line would
/// recurse without end.
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

#[cfg(test)]
mod tests {
    use std::fmt::Display;

    use super::{CUT, LONGEST, Syntax};
    use crate::var::shown::Shown;
    use crate::var::value_kind::ValueKind;

    fn written(value: &dyn Display, text: Option<&str>) -> String {
        let mut out = String::new();
        let kind = ValueKind::Text;
        Syntax::Pair.push_value(Shown { value, kind, text }, &mut out);
        out
    }

    /// A value may be as long as the limit, regardless of how it is written, and only whole characters are cut.
    #[test]
    fn the_longest_value_is_not_cut() {
        for c in ["x", "\u{e4}", "\u{1f600}"] {
            let longest = c.repeat(LONGEST / c.len());
            let most = &longest[..longest.len() - c.len()];
            for (value, expected) in [
                (longest.clone(), longest.clone()),
                (format!("{longest}x"), format!("{longest}{CUT}")),
                (format!("x{longest}"), format!("x{most}{CUT}")),
            ] {
                assert_eq!(written(&value, None), expected);
                assert_eq!(written(&value, Some(&value)), expected);
                let (middle, _) = value.char_indices().nth(100).unwrap();
                let (start, end) = value.split_at(middle);
                assert_eq!(written(&format_args!("{start}{end}{}", ""), None), expected);
            }
        }
    }
}
