//! Writes the findings.

mod github;
mod json;
mod sarif;
mod text;

use std::fmt::Write as _;
use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use crate::args::Format;
use crate::findings::{Class, Finding};
use crate::fix::{Edit, Planner};
use crate::index::{Function, Index};
use crate::source::{Position, Source};

/// The content of a report.
pub(crate) struct Report<'a> {
    pub(crate) index: &'a Index,
    pub(crate) findings: &'a [Finding],
    pub(crate) planner: &'a Planner<'a>,
    /// How many spawn sites were judged.
    pub(crate) sites: usize,
    pub(crate) unread: &'a [String],
}

/// How many findings there are of each kind.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Summary {
    /// Calls that spawn.
    pub(crate) sites: usize,
    pub(crate) findings: usize,
    /// Findings that `--fix` fixes.
    pub(crate) fixable: usize,
    pub(crate) unreached: usize,
    /// Files that could not be read.
    pub(crate) unread: usize,
}

impl Report<'_> {
    pub(crate) fn write(&self, format: Format, out: &mut impl Write) -> Result<()> {
        match format {
            Format::Text => text::write(self, out),
            Format::Json => json::write(self, out),
            Format::Sarif => sarif::write(self, out),
            Format::Github => github::write(self, out),
        }
    }

    fn summary(&self) -> Summary {
        let unreached = self
            .findings
            .iter()
            .filter(|finding| finding.class == Class::Unreached)
            .count();
        Summary {
            sites: self.sites,
            findings: self.findings.len() - unreached,
            fixable: self
                .findings
                .iter()
                .filter(|finding| finding.is_fixable)
                .count(),
            unreached,
            unread: self.unread.len(),
        }
    }

    fn function(&self, number: usize) -> &Function {
        &self.index.functions[number]
    }

    fn source(&self, function: usize) -> &Source {
        &self.index.files[self.function(function).file].source
    }

    fn position(&self, function: usize, offset: usize) -> Position {
        self.source(function).position(offset)
    }

    /// Returns what `--fix` would insert for one finding.
    fn edits(&self, finding: &Finding) -> Vec<Edit> {
        if finding.is_fixable {
            self.planner.edits(finding.function)
        } else {
            Vec::new()
        }
    }
}

fn title(finding: &Finding) -> String {
    let spawner = &finding.spawner;
    match finding.class {
        Class::Lost => format!("the context is lost at `{spawner}`"),
        Class::Manual => {
            format!("the context is lost at `{spawner}`, which the attribute cannot rewrite")
        }
        Class::Wrapper => format!("the context is lost in a spawn helper, at `{spawner}`"),
        Class::Upgrade => format!("the context is lost on an upgraded connection, at `{spawner}`"),
        Class::Macro => format!("the context is lost in a macro, at `{spawner}`"),
        Class::Unreached => format!("no request is known to reach `{spawner}`"),
    }
}

/// Describes how requests reach the spawn.
fn route(report: &Report<'_>, finding: &Finding) -> String {
    let mut text = String::new();
    if let Some(note) = finding.note {
        text.push_str(note);
        return text;
    }
    let names: Vec<String> = finding
        .chain
        .iter()
        .map(|number| report.function(*number).shown())
        .collect();
    match names.as_slice() {
        [] => {
            let _ = write!(text, "part of a request: {}", finding.entry);
        }
        [only] => {
            let _ = write!(text, "requests start in `{only}`: {}", finding.entry);
        }
        [first, ..] => {
            let _ = write!(
                text,
                "requests start in `{first}` ({}) and reach this through `{}`",
                finding.entry,
                names.join("` > `")
            );
        }
    }
    text
}
