//! Runs `cargo check`, and finds the files that its errors point at.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use cargo_metadata::Message;
use cargo_metadata::diagnostic::{Diagnostic, DiagnosticLevel, DiagnosticSpan};

use crate::args::Selection;
use crate::cargo;

/// The outcome of `cargo check`.
#[derive(Default, Debug)]
pub(super) struct Outcome {
    pub(super) success: bool,
    /// The files that errors point at.
    pub(super) files: BTreeSet<PathBuf>,
    /// The errors, as the compiler prints them.
    pub(super) errors: Vec<(BTreeSet<PathBuf>, String)>,
}

pub(super) fn run(selection: &Selection, root: &Path) -> Result<Outcome> {
    let output = Command::new(cargo())
        .args([
            "check",
            "--quiet",
            "--keep-going",
            "--message-format",
            "json",
        ])
        .args(selection.cargo_arguments())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run `cargo check`")?;
    let mut outcome = Outcome {
        success: output.status.success(),
        ..Outcome::default()
    };
    for message in Message::parse_stream(&*output.stdout) {
        if let Message::CompilerMessage(message) =
            message.context("cannot read the output of `cargo check`")?
        {
            let is_error = matches!(
                message.message.level,
                DiagnosticLevel::Error | DiagnosticLevel::Ice
            );
            if is_error {
                let mut files = BTreeSet::new();
                mentioned(&message.message, root, &mut files);
                outcome.files.extend(files.iter().cloned());
                let rendered = message.message.rendered.unwrap_or(message.message.message);
                outcome.errors.push((files, rendered));
            }
        }
    }
    Ok(outcome)
}

fn mentioned(diagnostic: &Diagnostic, root: &Path, files: &mut BTreeSet<PathBuf>) {
    for span in &diagnostic.spans {
        add(span, root, files);
    }
    for child in &diagnostic.children {
        mentioned(child, root, files);
    }
}

fn add(span: &DiagnosticSpan, root: &Path, files: &mut BTreeSet<PathBuf>) {
    let path = root.join(&span.file_name);
    files.insert(path.canonicalize().unwrap_or(path));
    if let Some(expansion) = &span.expansion {
        add(&expansion.span, root, files);
    }
}
