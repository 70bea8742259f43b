//! Writes findings in the format of rustc's diagnostics.

use std::io::Write;

use annotate_snippets::{AnnotationKind, Level, Patch, Renderer, Snippet};
use anyhow::Result;

use super::{Report, route, title};
use crate::findings::Class;

pub(super) fn write(report: &Report<'_>, out: &mut impl Write) -> Result<()> {
    let renderer = Renderer::styled();
    for finding in report.findings {
        let source = report.source(finding.function);
        let function = report.function(finding.function);
        let (level, note) = match finding.class {
            Class::Unreached => (Level::NOTE, finding.note.map(str::to_owned)),
            _ => (Level::WARNING, Some(route(report, finding))),
        };
        let label = if function.is_macro {
            "in this macro"
        } else {
            "in this function"
        };
        let snippet = Snippet::source(&*source.text)
            .path(&*source.shown)
            .annotation(AnnotationKind::Primary.span(finding.at.clone()))
            .annotation(
                AnnotationKind::Context
                    .span(function.name_at.clone())
                    .label(label),
            );
        let mut group = level
            .primary_title(title(finding))
            .id(finding.class.name())
            .element(snippet);
        if let Some(note) = note {
            group = group.element(Level::NOTE.message(note));
        }
        let mut groups = Vec::new();
        let edits = report.edits(finding);
        if edits.is_empty() {
            group = group.element(Level::HELP.message(&*finding.help));
            groups.push(group);
        } else {
            groups.push(group);
            let mut snippet = Snippet::source(&*source.text).path(&*source.shown);
            for edit in edits {
                snippet = snippet.patch(Patch::new(edit.at..edit.at, edit.text));
            }
            groups.push(Level::HELP.secondary_title(&*finding.help).element(snippet));
        }
        writeln!(out, "{}\n", renderer.render(&groups))?;
    }
    for unread in report.unread {
        let group = Level::WARNING.primary_title(format!("skipped: {unread}"));
        writeln!(
            out,
            "{}\n",
            renderer.render(&[annotate_snippets::Group::with_title(group)])
        )?;
    }
    let summary = report.summary();
    let line = format!(
        "{} spawn sites: the context of a request is lost at {}, of which `--fix` fixes {}",
        summary.sites, summary.findings, summary.fixable
    );
    writeln!(out, "{line}")?;
    Ok(())
}
