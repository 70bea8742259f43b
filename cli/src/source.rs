//! One source file: its text, and where things are in it.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Span, TokenStream};

const BOM: &str = "\u{feff}";

/// A file of the user's.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// As it is shown: from the root of the workspace, with `/`.
    pub(crate) shown: String,
    /// Without the byte order mark.
    pub(crate) text: String,
    pub(crate) has_bom: bool,
    /// Where each line starts.
    lines: Vec<usize>,
}

/// A place as editors count it, from 1. Columns are characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Source {
    pub(crate) fn read(path: &Path, root: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read `{}`", path.display()))?;
        let shown = path.strip_prefix(root).unwrap_or(path);
        Ok(Source::new(
            path.to_owned(),
            &shown.to_string_lossy(),
            &text,
        ))
    }

    fn new(path: PathBuf, shown: &str, text: &str) -> Self {
        let has_bom = text.starts_with(BOM);
        let text = text.strip_prefix(BOM).unwrap_or(text).to_owned();
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Source {
            path,
            shown: shown.replace('\\', "/"),
            text,
            has_bom,
            lines,
        }
    }

    /// Its syntax tree, whose spans are offsets in `text`.
    pub(crate) fn parse(&self) -> Result<syn::File> {
        let mut text = self.text.clone();
        if text.starts_with("#!") && !text.starts_with("#![") {
            let end = text.find('\n').unwrap_or(text.len());
            text.replace_range(..end, &" ".repeat(end));
        }
        let error = |error: &dyn std::fmt::Display, span: Span| {
            let Position { line, column } = self.position(range(span).start);
            anyhow!("{}:{line}:{column}: {error}", self.shown)
        };
        let tokens = TokenStream::from_str(&text).map_err(|e| error(&e, e.span()))?;
        syn::parse2(tokens).map_err(|e| error(&e, e.span()))
    }

    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset) - 1;
        let before = self.text.get(self.lines[line]..offset).unwrap_or_default();
        Position {
            line: line + 1,
            column: before.chars().count() + 1,
        }
    }

    /// The offset of a place.
    pub(crate) fn offset(&self, at: Position) -> Option<usize> {
        let start = *self.lines.get(at.line.checked_sub(1)?)?;
        let mut offsets = self.text[start..].char_indices().map(|(offset, _)| offset);
        Some(start + offsets.nth(at.column.checked_sub(1)?)?)
    }

    /// What stands in front of `offset` on its line.
    pub(crate) fn before_on_line(&self, offset: usize) -> &str {
        &self.text[self.lines[self.position(offset).line - 1]..offset]
    }

    /// How its lines end.
    pub(crate) fn newline(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }
}

/// The bytes that a span covers.
pub(crate) fn range(span: Span) -> Range<usize> {
    span.byte_range()
}

/// Whether `inner` lies in `outer`.
pub(crate) fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
