//! `--fix`: annotates the functions that lose the context, and keeps the changes that compile.

mod apply;
mod check;
mod vcs;

pub(crate) use apply::run;

use std::collections::{BTreeMap, BTreeSet};

use propagate_context_macros_core::record::Outcome;

use crate::findings::{Finding, Judge};
use crate::graph::Graph;
use crate::index::Function;
use crate::source::{Source, contains};
use crate::workspace::Workspace;

/// An insertion of text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Edit {
    pub(crate) at: usize,
    pub(crate) text: String,
}

/// Plans the insertions.
pub(crate) struct Planner<'a> {
    judge: &'a Judge<'a>,
    workspace: &'a Workspace,
    /// The sites with fixable findings, by function.
    lost: BTreeMap<usize, BTreeSet<usize>>,
}

impl<'a> Planner<'a> {
    pub(crate) fn new(
        judge: &'a Judge<'a>,
        workspace: &'a Workspace,
        findings: &[Finding],
    ) -> Self {
        let mut lost: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for finding in findings.iter().filter(|finding| finding.is_fixable) {
            lost.entry(finding.function)
                .or_default()
                .insert(finding.at.start);
        }
        Planner {
            judge,
            workspace,
            lost,
        }
    }

    /// Returns the functions to annotate.
    pub(crate) fn functions(&self) -> impl Iterator<Item = usize> {
        self.lost.keys().copied()
    }

    /// Returns the insertions for one function, from top to bottom.
    pub(crate) fn edits(&self, number: usize) -> Vec<Edit> {
        let function = &self.judge.index.functions[number];
        let source = &self.judge.index.files[function.file].source;
        let mut edits = vec![insertion(
            source,
            function.insert_at,
            &self.attribute(function),
        )];
        edits.extend(self.detached(number, function, source));
        edits.sort();
        edits.dedup();
        edits
    }

    /// Returns the attribute as it must be written for this function.
    fn attribute(&self, function: &Function) -> String {
        let crate_name = self
            .workspace
            .dependency(function.package)
            .unwrap_or_else(|| "propagate_context".to_owned());
        let imports = &self.judge.index.imports[function.file];
        let is_imported = function.module == self.judge.index.files[function.file].module
            && imports
                .get_outer("propagate_context")
                .is_some_and(|path| path.len() == 2 && path[0] == crate_name);
        let mut arguments = Vec::new();
        if crate_name != "propagate_context" {
            arguments.push(format!("crate = {crate_name}"));
        }
        if !function.attribute_arguments.is_empty() {
            arguments.push(function.attribute_arguments.clone());
        }
        let path = if is_imported {
            "propagate_context".to_owned()
        } else {
            format!("{crate_name}::propagate_context")
        };
        if arguments.is_empty() {
            format!("#[{path}]")
        } else {
            format!("#[{path}({})]", arguments.join(", "))
        }
    }

    /// Returns the insertions of `#[detached]` on statements that spawn background work, in a function that
    /// will be annotated.
    fn detached(&self, number: usize, function: &Function, source: &Source) -> Vec<Edit> {
        let lost = &self.lost[&number];
        let is_lost = |start: usize| lost.contains(&start);
        let mut edits = Vec::new();
        let sites = self.judge.sites(function);
        for site in sites.filter(|site| site.outcome == Outcome::Propagated) {
            if is_lost(site.name_at.start) || Graph::is_in_handler(function, site) {
                continue;
            }
            // A spawn inside another spawn is detached with it.
            let is_inside = |other: &crate::index::Site| contains(&other.arguments, &site.name_at);
            if function.sites.iter().any(is_inside) {
                continue;
            }
            let statements = function
                .body
                .statements
                .iter()
                .filter(|range| contains(range, &site.name_at));
            let Some(statement) = statements.min_by_key(|range| range.len()) else {
                continue;
            };
            // A statement that also serves requests gets no attribute. At start-up, the context that it
            // captures is empty.
            if lost.iter().any(|start| statement.contains(start)) {
                continue;
            }
            edits.push(insertion(source, statement.start, "#[detached]"));
        }
        edits
    }
}

/// Inserts an attribute before the code that starts at `at`. The attribute gets a line of its own if that code
/// is the first on its line.
fn insertion(source: &Source, at: usize, attribute: &str) -> Edit {
    let before = source.before_on_line(at);
    let text = if before.trim_start_matches([' ', '\t']).is_empty() {
        format!("{attribute}{}{before}", source.newline())
    } else {
        format!("{attribute} ")
    };
    Edit { at, text }
}
