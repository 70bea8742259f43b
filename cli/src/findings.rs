//! Decides what is wrong at a spawn site, and how to fix it.

use std::collections::HashSet;
use std::ops::Range;
use std::path::Path;

use propagate_context_macros_core::record::Outcome;

use crate::config::Config;
use crate::graph::{Graph, Reach};
use crate::index::{Annotation, Argument, Function, Index, Site};
use crate::source::contains;

/// The kind of a finding.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Class {
    Lost,
    Manual,
    Wrapper,
    Upgrade,
    Macro,
    Unreached,
}

impl Class {
    pub(crate) const ALL: [Class; 6] = [
        Class::Lost,
        Class::Manual,
        Class::Wrapper,
        Class::Upgrade,
        Class::Macro,
        Class::Unreached,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Class::Lost => "lost",
            Class::Manual => "manual",
            Class::Wrapper => "wrapper",
            Class::Upgrade => "upgrade",
            Class::Macro => "macro",
            Class::Unreached => "unreached",
        }
    }

    /// Returns a description that applies to all findings of the class.
    pub(crate) fn explanation(self) -> &'static str {
        match self {
            Class::Lost => {
                "The spawned work runs without the context of the request. Annotate the function to propagate it."
            }
            Class::Manual => {
                "The spawned work runs without the context of the request, and the attribute cannot rewrite the call."
            }
            Class::Wrapper => {
                "A spawn helper loses the context of its callers. Annotate the helper, not the callers."
            }
            Class::Upgrade => {
                "The code that serves an upgraded connection runs without the context of the request."
            }
            Class::Macro => {
                "The body of a `macro_rules!` spawns, and the attribute on its callers does not see that call."
            }
            Class::Unreached => "A spawn that no request is known to reach.",
        }
    }
}

/// A spawn site, and what is wrong with it.
#[derive(Debug)]
pub(crate) struct Finding {
    pub(crate) class: Class,
    pub(crate) function: usize,
    pub(crate) at: Range<usize>,
    /// The spawner as it is called: `tokio::spawn`.
    pub(crate) spawner: String,
    pub(crate) help: String,
    /// The functions from the entry to this one.
    pub(crate) chain: Vec<usize>,
    pub(crate) entry: &'static str,
    /// Whether `--fix` annotates the function.
    pub(crate) is_fixable: bool,
    /// Why the spawn is not part of a request.
    pub(crate) note: Option<&'static str>,
}

/// How a site in a function relates to a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    OfRequest,
    /// An endless loop, in a function that requests reach.
    Endless,
    /// In a closure that runs only once, in the first request.
    Once,
    /// In a function that requests do not reach, or outside the handlers in it.
    Background,
}

/// Classifies the sites.
pub(crate) struct Judge<'a> {
    pub(crate) index: &'a Index,
    pub(crate) graph: &'a Graph<'a>,
    pub(crate) reach: &'a Reach,
    pub(crate) configs: &'a [Config],
    /// How many packages are members of the workspace, which may be changed. They come first.
    pub(crate) members: usize,
    /// The packages for which findings are reported.
    pub(crate) selected: &'a [bool],
    /// The sites that clippy has confirmed, with `--precise`.
    pub(crate) resolved: Option<&'a HashSet<(usize, usize)>>,
}

impl Judge<'_> {
    pub(crate) fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (number, function) in self.index.functions.iter().enumerate() {
            if !self.is_judged(function) {
                continue;
            }
            for site in self.sites(function) {
                findings.extend(self.judge(number, function, site));
            }
            findings.extend(self.passed_on(number, function));
        }
        let key = |finding: &Finding| {
            (
                self.index.functions[finding.function].file,
                finding.at.start,
            )
        };
        findings.sort_by_key(key);
        // A file that several packages share has been read for each of them.
        let mut seen = HashSet::new();
        findings.retain(|finding| {
            let source = &self.index.files[self.index.functions[finding.function].file].source;
            seen.insert((source.canonical.clone(), finding.at.start))
        });
        findings
    }

    /// Whether findings in a function are reported.
    pub(crate) fn is_judged(&self, function: &Function) -> bool {
        self.selected[function.package] && !function.for_tests && !self.is_ignored(function)
    }

    /// Returns the sites that are known to spawn.
    pub(crate) fn sites<'f>(&'f self, function: &'f Function) -> impl Iterator<Item = &'f Site> {
        function.sites.iter().filter(move |site| {
            !self.graph.is_own(site, function) && self.is_confirmed(function, site)
        })
    }

    /// Whether clippy has resolved the callee to a spawner. Without `--precise`, every site counts as
    /// confirmed.
    fn is_confirmed(&self, function: &Function, site: &Site) -> bool {
        let Some(resolved) = self.resolved else {
            return true;
        };
        // Clippy only checks members of the workspace.
        function.package >= self.members
            || site.resolved
            || site.argument == Argument::Chain
            || resolved.contains(&(function.file, site.name_at.start))
            || site.is_configured
    }

    fn part(&self, number: usize, function: &Function, site: &Site) -> Part {
        if Graph::is_in_handler(function, site) {
            return Part::OfRequest;
        }
        if !self.reach.functions.contains_key(&number) {
            return Part::Background;
        }
        let mut once = function.body.once.iter();
        if once.any(|range| contains(range, &site.name_at)) {
            return Part::Once;
        }
        // The outermost spawn decides for the spawns inside it.
        let around = function.sites.iter().map(|site| &site.arguments);
        let spawned = around.filter(|arguments| {
            contains(arguments, &site.name_at) || **arguments == site.arguments
        });
        for arguments in spawned {
            let mut endless = function.body.endless.iter();
            if endless.any(|endless| contains(arguments, endless))
                || self.graph.runs_a_loop(number, arguments)
            {
                return Part::Endless;
            }
        }
        Part::OfRequest
    }

    fn judge(&self, number: usize, function: &Function, site: &Site) -> Option<Finding> {
        let is_annotated = function.annotation == Annotation::Present;
        if is_annotated && site.outcome != Outcome::Untouched {
            return None;
        }
        if function.annotation == Annotation::Skipped || site.outcome == Outcome::Detached {
            return None;
        }
        let part = if is_annotated {
            Part::OfRequest
        } else {
            self.part(number, function, site)
        };
        let is_rewritten = site.outcome == Outcome::Propagated && function.cannot.is_none();
        let class = match part {
            Part::Endless | Part::Once | Part::Background => Class::Unreached,
            Part::OfRequest if function.is_macro => Class::Macro,
            Part::OfRequest if site.name() == "on_upgrade" => Class::Upgrade,
            Part::OfRequest if !is_rewritten => Class::Manual,
            Part::OfRequest if site.passes_parameter => Class::Wrapper,
            Part::OfRequest => Class::Lost,
        };
        let is_fixable = is_rewritten
            && function.package < self.members
            && matches!(class, Class::Lost | Class::Wrapper | Class::Upgrade);
        let reached = self.reach.functions.get(&number);
        Some(Finding {
            class,
            function: number,
            at: site.name_at.clone(),
            spawner: site.shown(),
            help: help(class, function, site, is_rewritten),
            chain: match reached {
                Some(_) if part == Part::OfRequest => Graph::chain(self.reach, number),
                _ => Vec::new(),
            },
            entry: match reached {
                Some(reached) => reached.entry,
                None if is_annotated => "the attribute",
                None => "a closure in a router",
            },
            is_fixable,
            note: match part {
                Part::Endless => {
                    Some("it loops forever: it outlives the request, and must not keep its context")
                }
                Part::Once => Some(
                    "it is spawned once, in the first request, and must not keep the context of that request",
                ),
                Part::Background | Part::OfRequest => None,
            },
        })
    }

    /// Returns findings for spawners that are passed as values: `list.map(tokio::spawn)`.
    fn passed_on(&self, number: usize, function: &Function) -> Vec<Finding> {
        let reached = self.reach.functions.get(&number);
        let is_annotated = function.annotation == Annotation::Present;
        if function.annotation == Annotation::Skipped {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for (path, at) in &function.body.passed_on {
            if !self.graph.resolve(path, function).is_empty() {
                continue;
            }
            let in_handler = function
                .body
                .handler_closures
                .iter()
                .any(|range| contains(range, at));
            let is_reached = reached.is_some() || is_annotated || in_handler;
            let path = path.join("::");
            findings.push(Finding {
                class: if is_reached { Class::Manual } else { Class::Unreached },
                function: number,
                at: at.clone(),
                help: format!("pass a closure that calls it, as in `|future| {path}(future)`, and annotate `{}`", function.shown()),
                spawner: path,
                chain: if reached.is_some() { Graph::chain(self.reach, number) } else { Vec::new() },
                entry: reached.map_or("the attribute", |reached| reached.entry),
                is_fixable: false,
                note: None,
            });
        }
        findings
    }

    fn is_ignored(&self, function: &Function) -> bool {
        let config = &self.configs[function.package];
        let shown = &self.index.files[function.file].source.shown;
        config.ignore.iter().any(|ignored| {
            if is_path(ignored) {
                let ignored = ignored.trim_end_matches('/');
                shown == ignored
                    || shown.ends_with(&format!("/{ignored}"))
                    || format!("/{shown}").contains(&format!("/{ignored}/"))
            } else {
                function.is_named(ignored)
            }
        })
    }
}

fn help(class: Class, function: &Function, site: &Site, is_rewritten: bool) -> String {
    let shown = function.shown();
    let arguments = &function.attribute_arguments;
    let attribute = if arguments.is_empty() {
        "#[propagate_context]".to_owned()
    } else {
        format!("#[propagate_context({arguments})]")
    };
    if class == Class::Macro {
        return "call `propagate_context::task::spawn` or a similar function in the macro, or move the spawn into an annotated function".to_owned();
    }
    if class == Class::Unreached {
        return format!(
            "if requests reach this, add `{shown}` to `entries` in `[package.metadata.propagate-context]`"
        );
    }
    if is_rewritten {
        return match class {
            Class::Wrapper => format!(
                "annotate the helper `{shown}` with `{attribute}`; its callers need no change"
            ),
            _ => format!("annotate `{shown}` with `{attribute}`"),
        };
    }
    if let Some(reason) = &function.cannot {
        return format!(
            "the attribute cannot be applied to `{shown}` ({reason}): wrap the spawned future or closure with `.in_current_context()` or `Context::current().wrap(..)`"
        );
    }
    if site.resolved {
        let name = site.name();
        return format!(
            "this is a spawner under another name: annotate `{shown}` with `#[propagate_context(spawn({name}))]`, or call the spawner by its own name"
        );
    }
    if class == Class::Upgrade {
        return format!(
            "pass a closure, as in `on_upgrade(move |socket| serve(socket))`, and annotate `{shown}`"
        );
    }
    let by_hand = "wrap the value with `.in_current_context()` or `Context::current().wrap(..)`";
    match site.argument {
        _ if site.is_typed => {
            format!("the turbofish fixes the type of the spawned value: remove the turbofish, or {by_hand}")
        }
        Argument::Literal => {
            "the closure has parameters and borrows: write `move`, and annotate it with `#[propagate_context]`"
                .to_owned()
        }
        _ => format!("the type of the value is inferred from the callee: bind the value to a variable first, or {by_hand}"),
    }
}

/// Whether an entry of `ignore` is a file or a folder, and not a function.
fn is_path(ignored: &str) -> bool {
    ignored.contains('/') || Path::new(ignored).extension().is_some_and(|of| of == "rs")
}
