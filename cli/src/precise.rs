//! `--precise`: finds spawners with the compiler's resolution of names and types.

use std::collections::HashSet;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use cargo_metadata::Message;
use cargo_metadata::diagnostic::DiagnosticSpan;

use crate::args::Selection;
use crate::cargo;
use crate::catalogue;
use crate::index::{Index, Site};
use crate::source::{Position, contains};
use crate::workspace::Workspace;

const LINT: &str = "clippy::disallowed_methods";

/// A resolved call: the number of its file, and the range of its callee.
type Resolved = (usize, std::ops::Range<usize>);

/// Runs clippy to find all calls of known spawners.
pub(crate) fn resolve(
    selection: &Selection,
    workspace: &Workspace,
    index: &Index,
) -> Result<Vec<Resolved>> {
    let folder =
        std::env::temp_dir().join(format!("cargo-propagate-context-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("clippy.toml"), catalogue::clippy_toml())?;
    let output = Command::new(cargo())
        .args(["clippy", "--quiet", "--message-format", "json"])
        .args(selection.cargo_arguments())
        .args(["--", "-A", "clippy::all", "--force-warn", LINT])
        .env("CLIPPY_CONF_DIR", &folder)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run `cargo clippy`");
    std::fs::remove_dir_all(&folder)?;
    let output = output?;
    let mut resolved = Vec::new();
    let mut errors = Vec::new();
    for message in Message::parse_stream(&*output.stdout) {
        let Message::CompilerMessage(message) =
            message.context("cannot read the output of `cargo clippy`")?
        else {
            continue;
        };
        let diagnostic = message.message;
        if diagnostic
            .code
            .as_ref()
            .is_some_and(|code| code.code == LINT)
        {
            let primary = diagnostic.spans.iter().find(|span| span.is_primary);
            resolved.extend(primary.and_then(|span| place(span, workspace, index)));
        } else if diagnostic.level == cargo_metadata::diagnostic::DiagnosticLevel::Error {
            errors.extend(diagnostic.rendered);
        }
    }
    if !output.status.success() {
        bail!(
            "`cargo clippy` failed; `--precise` requires code that compiles\n{}",
            errors.concat()
        );
    }
    Ok(resolved)
}

fn place(span: &DiagnosticSpan, workspace: &Workspace, index: &Index) -> Option<Resolved> {
    let path = workspace.root.join(&span.file_name).canonicalize().ok()?;
    let same = |file: &crate::modules::File| file.source.canonical == path;
    let number = index.files.iter().position(same)?;
    let source = &index.files[number].source;
    let offset = |line, column| source.offset(Position { line, column });
    let start = offset(span.line_start, span.column_start)?;
    let end = offset(span.line_end, span.column_end)?;
    Some((number, start..end))
}

/// Adds sites that the walk has not found, and returns the places of the sites that clippy confirms.
pub(crate) fn join(index: &mut Index, resolved: &[Resolved]) -> HashSet<(usize, usize)> {
    let mut confirmed = HashSet::new();
    let mut added = Vec::new();
    for (file, at) in resolved {
        let inside = |function: &crate::index::Function| {
            function.file == *file && contains(&function.item, at)
        };
        let functions = index
            .functions
            .iter()
            .enumerate()
            .filter(|(_, function)| inside(function));
        let Some((number, function)) = functions.min_by_key(|(_, function)| function.item.len())
        else {
            continue;
        };
        let known = function
            .sites
            .iter()
            .find(|site| contains(at, &site.name_at) || contains(&site.name_at, at));
        match known {
            Some(site) => {
                confirmed.insert((*file, site.name_at.start));
            }
            None => added.push((number, at.clone())),
        }
    }
    added.sort_by_key(|(_, at)| at.start);
    added.dedup();
    for (number, at) in added {
        let function = &index.functions[number];
        let text = &index.files[function.file].source.text[at.clone()];
        let mut passed_on = function.body.passed_on.iter().map(|(_, range)| range);
        let is_known = passed_on.any(|range| contains(range, &at))
            || function.skipped.iter().any(|range| contains(range, &at));
        if !is_known && !text.is_empty() {
            let site = Site::resolved(text, at);
            index.functions[number].sites.push(site);
        }
    }
    confirmed
}
