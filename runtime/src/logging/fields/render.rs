//! One line in the making: each value rendered, bounded, and kept from doing harm.

use std::cell::Cell;
use std::fmt::{self, Display, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::escape::Syntax;
use super::names::Names;

/// How many bytes of a value are shown, before escaping.
const LONGEST: usize = 1024;
/// Stands behind the part of a value that is shown of a longer one.
const CUT: &str = "…<cut>";
/// Stands for a value whose `Display` panicked.
const PANICKED: &str = "<panicked>";
/// Stands for a value whose `Display` returned an error.
const FAILED: &str = "<failed>";
/// Stands for each value on a line that was logged by the `Display` of a value.
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
    /// The fields in front of this line.
    pub(crate) fields: String,
    /// Where each of them ends, if nothing separates them.
    #[cfg(feature = "log")]
    pub(crate) ends: Vec<usize>,
    /// The line without them.
    pub(crate) line: String,
}

impl Buffers {
    /// Lends the buffers of this thread, empty; new ones where they are in use, which is on a line that is logged while
    /// another one is put together.
    pub(crate) fn with<R>(f: impl FnOnce(&mut Self) -> R) -> R {
        // In the destructor of another thread-local they may be gone.
        let mut buffers = SPARE
            .try_with(Cell::take)
            .ok()
            .flatten()
            .unwrap_or_default();
        let result = f(&mut buffers);
        // Where this is not reached since something panicked, the next line starts with new ones: no line ever finds
        // what another one has left.
        buffers.clear_fields();
        buffers.line.clear();
        if buffers.fields.capacity().max(buffers.line.capacity()) <= LARGEST_KEPT {
            _ = SPARE.try_with(|spare| spare.set(Some(buffers)));
        }
        result
    }

    /// To render the fields once more.
    pub(crate) fn clear_fields(&mut self) {
        self.names.clear();
        self.fields.clear();
        #[cfg(feature = "log")]
        self.ends.clear();
    }
}

impl Syntax {
    /// Appends a name.
    #[cfg(feature = "tracing")]
    pub(crate) fn push_name(self, name: &str, out: &mut String) {
        let start = self.open(out);
        let plain = self.escape(name, out);
        self.close(start, plain, out);
    }

    /// Appends what the `Display` of `value` says, or a mark in its place.
    pub(crate) fn push_value(self, value: &dyn Display, out: &mut String) {
        let start = self.open(out);
        let plain = match Rendering::begin() {
            Some(_rendering) => self.render(value, out),
            None => self.escape(NESTED, out),
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
        let outcome = catch_unwind(AssertUnwindSafe(|| write!(rest, "{value}")));
        let BoundedWriter { cut, plain, .. } = rest;
        let mark = match outcome {
            Ok(_) if cut => {
                out.push_str(CUT);
                return plain;
            }
            Ok(Ok(())) => return plain,
            Ok(Err(fmt::Error)) => FAILED,
            Err(_) => PANICKED,
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
    fn begin() -> Option<Self> {
        (!RENDERING.replace(true)).then(|| Self(()))
    }
}

impl Drop for Rendering {
    fn drop(&mut self) {
        RENDERING.set(false);
    }
}
