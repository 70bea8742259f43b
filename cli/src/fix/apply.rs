//! Writes the edits, and reverts files that do not compile.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{Edit, Planner, check, vcs};
use crate::args::Options;
use crate::cargo;
use crate::index::Index;
use crate::source::Source;
use crate::workspace::Workspace;

/// A file before and after.
struct Change {
    shown: String,
    before: Vec<u8>,
    after: Vec<u8>,
    package: usize,
    functions: usize,
}

/// Annotates, checks, and reports what was done. Returns whether all planned changes were kept.
pub(crate) fn run(
    options: &Options,
    workspace: &Workspace,
    index: &Index,
    planner: &Planner<'_>,
) -> Result<bool> {
    let mut changes = plan(index, planner)?;
    if changes.is_empty() {
        eprintln!("nothing to fix");
        return Ok(true);
    }
    vcs::check(options, &workspace.root)?;
    let manifests = Manifests::save(workspace, &changes)?;
    let files = changes.keys().map(PathBuf::as_path);
    refuse_read_only(files.chain(manifests.paths()))?;
    let count = changes.len();
    let kept = match annotate(options, workspace, &mut changes) {
        Ok(kept) => kept,
        Err(error) => {
            for (path, change) in &changes {
                write(path, &change.before)?;
            }
            manifests.restore()?;
            return Err(error);
        }
    };
    if kept.is_empty() {
        manifests.restore()?;
    }
    for change in &kept {
        let s = if change.functions == 1 { "" } else { "s" };
        eprintln!(
            "annotated {} function{s} in {}",
            change.functions, change.shown
        );
    }
    Ok(kept.len() == count)
}

fn annotate(
    options: &Options,
    workspace: &Workspace,
    changes: &mut BTreeMap<PathBuf, Change>,
) -> Result<Vec<Change>> {
    add_dependencies(options, workspace, changes)?;
    for (path, change) in &*changes {
        write(path, &change.after)?;
    }
    keep_what_compiles(options, workspace, changes)
}

/// Fails before anything is changed. A read-only file is assumed to be so on purpose, even if the current user
/// could write to it.
fn refuse_read_only<'a>(paths: impl Iterator<Item = &'a Path>) -> Result<()> {
    for path in paths.filter(|path| path.exists()) {
        if std::fs::metadata(path)?.permissions().readonly() {
            bail!("`{}` is read-only; nothing was changed", path.display());
        }
    }
    Ok(())
}

fn plan(index: &Index, planner: &Planner<'_>) -> Result<BTreeMap<PathBuf, Change>> {
    let mut edits: BTreeMap<usize, (Vec<Edit>, usize, usize)> = BTreeMap::new();
    for number in planner.functions() {
        let function = &index.functions[number];
        let entry = edits
            .entry(function.file)
            .or_insert((Vec::new(), 0, function.package));
        entry.0.extend(planner.edits(number));
        entry.1 += 1;
    }
    let mut changes = BTreeMap::new();
    for (file, (edits, functions, package)) in edits {
        let source = &index.files[file].source;
        let before = std::fs::read(&source.path)
            .with_context(|| format!("cannot read `{}`", source.shown))?;
        let path = source.canonical.clone();
        let after = apply(source, edits).into_bytes();
        let change = Change {
            shown: source.shown.clone(),
            before,
            after,
            package,
            functions,
        };
        changes.insert(path, change);
    }
    Ok(changes)
}

/// Returns the text with the insertions. All other bytes are unchanged.
fn apply(source: &Source, mut edits: Vec<Edit>) -> String {
    edits.sort();
    edits.dedup();
    let mut text = source.text.clone();
    for edit in edits.iter().rev() {
        text.insert_str(edit.at, &edit.text);
    }
    if source.has_bom {
        text.insert(0, '\u{feff}');
    }
    text
}

/// Checks the workspace, and reverts the files that errors point at, until the rest compiles.
fn keep_what_compiles(
    options: &Options,
    workspace: &Workspace,
    changes: &mut BTreeMap<PathBuf, Change>,
) -> Result<Vec<Change>> {
    loop {
        let outcome = check::run(&options.selection, &workspace.root)?;
        if outcome.success || changes.is_empty() {
            break;
        }
        let failed: BTreeSet<PathBuf> = outcome
            .files
            .iter()
            .filter(|file| changes.contains_key(*file))
            .cloned()
            .collect();
        if failed.is_empty() {
            return without_culprit(options, workspace, changes, &outcome);
        }
        for path in failed {
            if let Some(change) = changes.remove(&path) {
                write(&path, &change.before)?;
                eprintln!(
                    "reverted {}: it does not compile with the attributes",
                    change.shown
                );
                for (_, error) in outcome
                    .errors
                    .iter()
                    .filter(|(files, _)| files.contains(&path))
                {
                    eprintln!("{}", error.trim_end());
                }
            }
        }
    }
    Ok(std::mem::take(changes).into_values().collect())
}

/// Handles errors that point at none of the changed files. Either the user's code does not compile, or the
/// errors are far from their cause.
fn without_culprit(
    options: &Options,
    workspace: &Workspace,
    changes: &mut BTreeMap<PathBuf, Change>,
    outcome: &check::Outcome,
) -> Result<Vec<Change>> {
    for (path, change) in &*changes {
        write(path, &change.before)?;
    }
    if check::run(&options.selection, &workspace.root)?.success {
        let errors: Vec<&str> = outcome
            .errors
            .iter()
            .map(|(_, error)| error.trim_end())
            .collect();
        eprintln!(
            "reverted all files: they cause errors in other files\n{}",
            errors.join("\n")
        );
        changes.clear();
        return Ok(Vec::new());
    }
    eprintln!("the workspace does not compile, even without the attributes; all changes are kept");
    for (path, change) in &*changes {
        write(path, &change.after)?;
    }
    Ok(std::mem::take(changes).into_values().collect())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write `{}`", path.display()))
}

/// The manifests and the lock file that `cargo add` changes.
struct Manifests(Vec<(PathBuf, Option<Vec<u8>>)>);

impl Manifests {
    fn save(workspace: &Workspace, changes: &BTreeMap<PathBuf, Change>) -> Result<Self> {
        let packages: BTreeSet<usize> = changes.values().map(|change| change.package).collect();
        let mut paths = vec![
            workspace.root.join("Cargo.lock"),
            workspace.root.join("Cargo.toml"),
        ];
        for package in packages {
            paths.push(workspace.folder(package).join("Cargo.toml"));
        }
        let mut saved = Vec::new();
        for path in paths {
            let bytes = if path.exists() {
                Some(std::fs::read(&path)?)
            } else {
                None
            };
            saved.push((path, bytes));
        }
        Ok(Manifests(saved))
    }

    fn paths(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|(path, _)| path.as_path())
    }

    fn restore(&self) -> Result<()> {
        for (path, bytes) in &self.0 {
            match bytes {
                Some(bytes) => write(path, bytes)?,
                None if path.exists() => std::fs::remove_file(path)?,
                None => {}
            }
        }
        Ok(())
    }
}

fn add_dependencies(
    options: &Options,
    workspace: &Workspace,
    changes: &BTreeMap<PathBuf, Change>,
) -> Result<()> {
    let packages: BTreeSet<usize> = changes.values().map(|change| change.package).collect();
    for package in packages
        .into_iter()
        .filter(|package| workspace.dependency(*package).is_none())
    {
        let name = &*workspace.packages[package].name;
        let mut command = Command::new(cargo());
        command.args(["add", "--quiet", "--package", name, "propagate-context"]);
        if let Some(path) = &options.selection.manifest_path {
            command.arg("--manifest-path").arg(path);
        }
        let status = command.status().context("cannot run `cargo add`")?;
        if !status.success() {
            bail!("`cargo add --package {name} propagate-context` failed; nothing was changed");
        }
    }
    Ok(())
}
