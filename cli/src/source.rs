//! One source file: its text, and positions in it.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use proc_macro2::{Delimiter, Span, TokenStream, TokenTree};
use syn::Attribute;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};

const BOM: &str = "\u{feff}";

/// A source file of the user.
#[derive(Debug)]
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    /// The path with symbolic links resolved.
    pub(crate) canonical: PathBuf,
    /// The path as it is shown: relative to the root of the workspace, with `/`.
    pub(crate) shown: String,
    /// The text without the byte order mark.
    pub(crate) text: String,
    pub(crate) has_bom: bool,
    /// The offset at which each line starts.
    lines: Vec<usize>,
}

/// A position as editors count it, from 1. Columns are characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Position {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Source {
    pub(crate) fn read(path: &Path, root: &Path) -> Result<Self> {
        let shown = relative(path, root);
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{shown}`"))?;
        Ok(Source::new(path.to_owned(), &shown, &text))
    }

    fn new(path: PathBuf, shown: &str, text: &str) -> Self {
        let has_bom = text.starts_with(BOM);
        let text = text.strip_prefix(BOM).unwrap_or(text).to_owned();
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(starts).collect();
        Source {
            canonical: path.canonicalize().unwrap_or_else(|_| path.clone()),
            path,
            shown: shown.replace('\\', "/"),
            text,
            has_bom,
            lines,
        }
    }

    /// Returns the syntax tree, whose spans are offsets in `text`, and errors for the items that cannot be
    /// parsed.
    pub(crate) fn parse(&self) -> Result<(syn::File, Vec<String>)> {
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
        let mut unread = Vec::new();
        let file = items.parse2(tokens.clone()).map(|(file, errors)| {
            unread.extend(errors.iter().map(|e| error(e, e.span()).to_string()));
            file
        });
        Ok((file.map_err(|e| error(&e, e.span()))?, unread))
    }

    /// Returns the path as a hosted service knows it: relative to the root of the repository that the service
    /// has checked out.
    pub(crate) fn in_repository(&self) -> String {
        let checkout = std::env::var_os("GITHUB_WORKSPACE").map(PathBuf::from);
        let checkout = checkout.and_then(|path| path.canonicalize().ok());
        let inside = checkout.filter(|checkout| self.canonical.starts_with(checkout));
        match inside {
            Some(checkout) => relative(&self.canonical, &checkout).replace('\\', "/"),
            None => self.shown.clone(),
        }
    }

    pub(crate) fn position(&self, offset: usize) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset) - 1;
        let before = self.text.get(self.lines[line]..offset).unwrap_or_default();
        Position {
            line: line + 1,
            column: before.chars().count() + 1,
        }
    }

    /// Returns the offset of a position.
    pub(crate) fn offset(&self, at: Position) -> Option<usize> {
        let start = *self.lines.get(at.line.checked_sub(1)?)?;
        let mut offsets = self.text[start..].char_indices().map(|(offset, _)| offset);
        Some(start + offsets.nth(at.column.checked_sub(1)?)?)
    }

    /// Returns the text before `offset` on its line.
    pub(crate) fn before_on_line(&self, offset: usize) -> &str {
        &self.text[self.lines[self.position(offset).line - 1]..offset]
    }

    /// Returns the line ending of the file.
    pub(crate) fn newline(&self) -> &'static str {
        match self.text.find('\n') {
            Some(at) if self.text[..at].ends_with('\r') => "\r\n",
            _ => "\n",
        }
    }
}

/// Returns the byte range of a span.
pub(crate) fn range(span: Span) -> Range<usize> {
    span.byte_range()
}

/// Whether `inner` is within `outer`.
pub(crate) fn contains(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

/// Returns the name without the `r#` of a raw identifier.
pub(crate) fn unraw(ident: &proc_macro2::Ident) -> String {
    let name = ident.to_string();
    match name.strip_prefix("r#") {
        Some(name) => name.to_owned(),
        None => name,
    }
}

/// Parses the items of a file. Returns those that parse, and the errors of the others, such as items in the
/// syntax of old editions.
fn items(input: ParseStream<'_>) -> syn::Result<(syn::File, Vec<syn::Error>)> {
    let mut file = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Attribute::parse_inner(input)?,
        items: Vec::new(),
    };
    let mut errors = Vec::new();
    while !input.is_empty() {
        let ahead = input.fork();
        match ahead.parse() {
            Ok(item) => {
                file.items.push(item);
                input.advance_to(&ahead);
            }
            Err(error) => {
                errors.push(error);
                skip_item(input)?;
            }
        }
    }
    Ok((file, errors))
}

/// Skips to the presumed end of the current item.
fn skip_item(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        match input.parse()? {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            TokenTree::Punct(punct) if punct.as_char() == ';' => break,
            _ => {}
        }
    }
    Ok(())
}

/// Returns a path relative to a folder, with `../` if the path is outside it.
fn relative(path: &Path, folder: &Path) -> String {
    let common = path.components().zip(folder.components());
    let common = common.take_while(|(a, b)| a == b).count();
    if common < 2 {
        // The paths are on different drives, or only share the root.
        return path.display().to_string();
    }
    let up = folder.components().skip(common).map(|_| "..".as_ref());
    let down = path
        .components()
        .skip(common)
        .map(std::path::Component::as_os_str);
    let parts: PathBuf = up.chain(down).collect();
    parts.display().to_string()
}
