//! Writes annotations for a GitHub workflow.

use std::io::Write;

use anyhow::Result;

use super::{Report, route, title};
use crate::findings::Class;

pub(super) fn write(report: &Report<'_>, out: &mut impl Write) -> Result<()> {
    for finding in report.findings {
        let start = report.position(finding.function, finding.at.start);
        let end = report.position(finding.function, finding.at.end);
        let (level, message) = match finding.class {
            Class::Unreached => ("notice", finding.help.clone()),
            _ => (
                "warning",
                format!("{}\n{}", route(report, finding), finding.help),
            ),
        };
        writeln!(
            out,
            "::{level} file={},line={},col={},endColumn={},title={}::{}",
            property(&report.source(finding.function).in_repository()),
            start.line,
            start.column,
            end.column,
            property(&title(finding)),
            data(&message),
        )?;
    }
    for unread in report.unread {
        writeln!(out, "::warning title=skipped::{}", data(unread))?;
    }
    Ok(())
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
