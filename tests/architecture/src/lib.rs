//! Checks that imports go one way: no file imports from a wing above its own, and the files of a wing do not import
//! each other in a cycle. A wing is a set of modules on the same level.
//!
//! Reads the paths that start with `crate`, `self`, `super` or a child module, in `use` items and in all other code,
//! including macros. A path leads to the file that defines the item, through re-exports. An `impl` block in another
//! file than its type belongs to the file that contains it: a call of one of its functions leads there if no other
//! function of the crate has the same name.

mod graph;
mod names;
mod paths;
mod tree;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

pub use tree::{Module, read_crate};

/// A crate, and the required order of its files.
#[derive(Debug)]
pub struct Plan {
    /// The folder of `lib.rs`, relative to the root of the repository.
    pub folder: &'static str,
    /// From the bottom to the top. Each is a list of modules in the root of the crate that are on the same level.
    pub wings: &'static [&'static [&'static str]],
    /// Files that form one recursive descent and may import each other.
    pub descent: &'static [&'static str],
}

/// `runtime/src`.
pub const RUNTIME: Plan = Plan {
    folder: "runtime/src",
    wings: &[
        &["util"],
        &["var"],
        &["context"],
        &["task", "request_id"],
        &["propagation"],
        &["logging"],
        &["audit"],
        &["testing"],
        &["entry"],
        &["messaging"],
        &["http"],
        &["guide", "private", "lib"],
    ],
    descent: &[],
};

/// `macros/core/src`.
pub const MACROS: Plan = Plan {
    folder: "macros/core/src",
    wings: &[
        &["error", "record"],
        &["syntax"],
        &["args", "check"],
        &["sites"],
        &["expand"],
        &["entry"],
        &["lib"],
    ],
    descent: &[
        "sites/walk.rs",
        "sites/body_attrs.rs",
        "sites/closure.rs",
        "sites/parallel.rs",
        "sites/rewrite.rs",
    ],
};

/// `benches/src`, which is only checked for cycles.
pub const BENCHES: Plan = Plan {
    folder: "benches/src",
    wings: &[&[
        "audited",
        "callgrind",
        "case",
        "child",
        "floor",
        "lib",
        "lines",
        "memory",
        "ours",
        "part",
        "peers",
        "request",
        "sizes",
        "threads",
        "times",
    ]],
    descent: &[],
};

/// A file that uses another file, and the path in its code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Import {
    /// The file that contains the path.
    pub from: String,
    /// The file that the path leads to.
    pub to: String,
    /// The path as written, such as `crate::context::current::swap`. For a call, `.method()`.
    pub path: String,
}

impl fmt::Display for Import {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}: {}", self.from, self.to, self.path)
    }
}

/// The violations in a crate.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Files that do not belong to a wing of the plan.
    pub unplanned: Vec<String>,
    /// Imports from a wing above.
    pub upward: Vec<Import>,
    /// Cycles within a wing: the imports between their files.
    pub circles: Vec<Vec<Import>>,
    /// Cycles in the whole crate, regardless of wings: their files.
    pub knots: Vec<Vec<String>>,
}

impl Report {
    /// Returns whether all imports go one way.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.unplanned.is_empty() && self.upward.is_empty() && self.circles.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for file in &self.unplanned {
            writeln!(
                f,
                "belongs to no wing of tests/architecture/src/lib.rs: {file}"
            )?;
        }
        writeln!(f, "imports from a wing above: {}", self.upward.len())?;
        for import in &self.upward {
            writeln!(f, "    {import}")?;
        }
        writeln!(f, "circles within a wing: {}", self.circles.len())?;
        for (number, circle) in self.circles.iter().enumerate() {
            let mut files: Vec<&str> = circle.iter().map(|import| &*import.from).collect();
            files.dedup();
            writeln!(
                f,
                "    circle {} of {} files: {}",
                number + 1,
                files.len(),
                files.join(" ")
            )?;
            for import in circle {
                writeln!(f, "        {import}")?;
            }
        }
        writeln!(
            f,
            "circles of files in the crate, wings or not: {}",
            self.knots.len()
        )?;
        for knot in &self.knots {
            writeln!(f, "    {} files: {}", knot.len(), knot.join(" "))?;
        }
        Ok(())
    }
}

impl Plan {
    fn level(&self, file: &str) -> Option<usize> {
        let wing = file.split('/').next().unwrap_or(file);
        let wing = wing.strip_suffix(".rs").unwrap_or(wing);
        self.wings.iter().position(|wings| wings.contains(&wing))
    }

    fn is_descent(&self, import: &Import) -> bool {
        let one = |file: &String| self.descent.contains(&&**file);
        one(&import.from) && one(&import.to)
    }
}

/// Reads the crate of `plan`. `root` is the root of the repository.
///
/// # Errors
///
/// Returns an error if a file cannot be read, or does not contain Rust tokens.
pub fn check(root: &Path, plan: &Plan) -> Result<Report, String> {
    Ok(judge(&read_crate(&root.join(plan.folder))?, plan))
}

/// Checks a crate that has been read.
#[must_use]
pub fn judge(modules: &[Module], plan: &Plan) -> Report {
    let imports = paths::imports(modules);
    let wing = |file: &str| plan.level(file);
    let within: Vec<Import> = imports
        .iter()
        .filter(|import| wing(&import.from) == wing(&import.to) && !plan.is_descent(import))
        .cloned()
        .collect();
    let circles = graph::circles(&within).into_iter().map(|files| {
        let inside = |import: &&Import| files.contains(&import.from) && files.contains(&import.to);
        one_a_pair(within.iter().filter(inside))
    });
    Report {
        unplanned: modules
            .iter()
            .map(|module| module.file.clone())
            .filter(|file| wing(file).is_none())
            .collect(),
        upward: one_a_pair(
            imports
                .iter()
                .filter(|import| wing(&import.from) < wing(&import.to)),
        ),
        circles: circles.collect(),
        knots: graph::circles(&imports),
    }
}

/// Returns one import for each pair of files, preferably a path and not a call.
fn one_a_pair<'a>(imports: impl Iterator<Item = &'a Import>) -> Vec<Import> {
    let mut pairs = BTreeMap::new();
    for import in imports {
        let pair = pairs.entry((&import.from, &import.to)).or_insert(import);
        if pair.path.starts_with('.') {
            *pair = import;
        }
    }
    pairs.into_values().cloned().collect()
}
