//! Writes a single JSON object, which `cli/README.md` describes.

use std::io::Write;

use anyhow::Result;
use serde::Serialize;

use super::{Report, Summary, title};
use crate::findings::Finding;

#[derive(Serialize)]
struct Root<'a> {
    version: u32,
    findings: Vec<Item<'a>>,
    summary: Summary,
    unread: &'a [String],
}

#[derive(Serialize)]
struct Item<'a> {
    class: &'static str,
    message: String,
    file: &'a str,
    line: usize,
    column: usize,
    end_column: usize,
    spawner: &'a str,
    function: String,
    /// The functions from the one that requests start in to this one.
    reached_by: Vec<Place<'a>>,
    entry: Option<&'static str>,
    help: &'a str,
    fixable: bool,
    edits: Vec<Insertion>,
}

#[derive(Serialize)]
struct Place<'a> {
    function: String,
    file: &'a str,
    line: usize,
}

#[derive(Serialize)]
struct Insertion {
    line: usize,
    column: usize,
    text: String,
}

pub(super) fn write(report: &Report<'_>, out: &mut impl Write) -> Result<()> {
    let root = Root {
        version: 1,
        findings: report
            .findings
            .iter()
            .map(|finding| entry(report, finding))
            .collect(),
        summary: report.summary(),
        unread: report.unread,
    };
    serde_json::to_writer_pretty(&mut *out, &root)?;
    writeln!(out)?;
    Ok(())
}

fn entry<'a>(report: &'a Report<'_>, finding: &'a Finding) -> Item<'a> {
    let start = report.position(finding.function, finding.at.start);
    let end = report.position(finding.function, finding.at.end);
    let place = |number: &usize| {
        let function = report.function(*number);
        Place {
            function: function.shown(),
            file: &report.source(*number).shown,
            line: report.position(*number, function.name_at.start).line,
        }
    };
    let insertion = |edit: crate::fix::Edit| {
        let at = report.position(finding.function, edit.at);
        Insertion {
            line: at.line,
            column: at.column,
            text: edit.text,
        }
    };
    let is_reached = finding.class != crate::findings::Class::Unreached;
    Item {
        class: finding.class.name(),
        message: title(finding),
        file: &report.source(finding.function).shown,
        line: start.line,
        column: start.column,
        end_column: end.column,
        spawner: &finding.spawner,
        function: report.function(finding.function).shown(),
        reached_by: finding.chain.iter().map(place).collect(),
        entry: is_reached.then_some(finding.entry),
        help: finding.note.unwrap_or(&finding.help),
        fixable: finding.is_fixable,
        edits: report.edits(finding).into_iter().map(insertion).collect(),
    }
}
