//! The output of `cargo mutants --list`.

use std::collections::HashSet;
use std::process::Command;

use serde::Deserialize;

use crate::Failure;

/// A position in a file. Lines and columns are counted from 1.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Span {
    pub(crate) start: Place,
    pub(crate) end: Place,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Function {
    pub(crate) span: Span,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
pub(crate) enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArmGuard,
    MatchArm,
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Mutant {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) function: Option<Function>,
    pub(crate) genre: Genre,
    pub(crate) span: Span,
    pub(crate) replacement: String,
}

/// A set of mutants. The number of a mutant is its index in the list.
pub(crate) type Numbers = HashSet<usize>;

/// Lists the mutants of all files of a package whose paths start with one of `prefixes`.
pub(crate) fn mutants(package: &str, prefixes: &[String]) -> Result<Vec<Mutant>, Failure> {
    let listed = Command::new("cargo")
        .args(["mutants", "--list", "--json", "--package", package])
        .output()?;
    if !listed.status.success() {
        let error = String::from_utf8_lossy(&listed.stderr);
        return Err(format!("`cargo mutants --list` failed; is it installed?\n{error}").into());
    }
    let mut mutants: Vec<Mutant> = serde_json::from_slice(&listed.stdout)?;
    mutants.retain(|mutant| {
        prefixes
            .iter()
            .any(|prefix| mutant.file.starts_with(prefix))
    });
    Ok(mutants)
}

/// Returns the file and the change from a mutant's name. Without the line and the column, they stay the same when other
/// parts of the file change.
pub(crate) fn lasting(name: &str) -> Option<(&str, &str)> {
    let (file, rest) = name.trim().split_once(".rs:")?;
    let change = rest.split_once(": ")?.1;
    let change = change.split(": SURVIVES").next()?;
    Some((file, change))
}
