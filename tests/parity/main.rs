//! Annotated code is the same code: for each file in `cases`, the compiler and clippy say the same
//! at the same place with the attribute and without it, and the program drops and prints the same.
//!
//! A new case is one file. What it may say in lines that begin with `//@ `:
//!
//! - `wrong`: does not compile, so it is compiled by itself;
//! - `edition 2021`: needs that edition at least;
//! - `lost CODE: reason`, `new CODE: reason`, `moved CODE: reason`: a difference that is known and
//!   must be there, of a message with this code.
//!
//! `PARITY=name` in the environment checks the cases alone whose names contain `name`.
//!
//! A `pub fn run()` is run, and what it tells `crate::support` must be the same.

mod case;
mod compare;
mod toolchain;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;

use case::{Case, Variant};
use toolchain::{Compilation, Toolchain};

const EDITIONS: [&str; 3] = ["2018", "2021", "2024"];

/// What one job finds out of place.
type Findings = Vec<String>;

#[test]
fn annotated_code_is_the_same_code() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("parity");
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parity");
    let cases = Case::read_all(&root.join("cases"), &work);
    for shared in ["support.rs", "suspend.rs"] {
        std::fs::copy(root.join(shared), work.join(shared)).unwrap();
    }
    let toolchain = Toolchain::find(&work);
    let harness = Harness {
        cases,
        work,
        toolchain,
    };

    let mut jobs: Vec<Box<dyn Fn() -> Findings + Send + Sync + '_>> = Vec::new();
    for edition in EDITIONS {
        let harness = &harness;
        jobs.push(Box::new(move || harness.lint(edition)));
        jobs.push(Box::new(move || harness.run(edition)));
        for case in harness
            .cases
            .iter()
            .filter(|case| case.is_wrong && case.runs_in(edition))
        {
            jobs.push(Box::new(move || harness.reject(case, edition)));
        }
    }
    let findings = in_parallel(&jobs);

    let count = harness.cases.len();
    println!(
        "parity: {count} files in {} editions, {} findings",
        EDITIONS.len(),
        findings.len()
    );
    assert!(
        count >= 120 || case::filter().is_some(),
        "only {count} files"
    );
    assert!(findings.is_empty(), "\n{}", findings.join("\n"));
}

fn in_parallel(jobs: &[Box<dyn Fn() -> Findings + Send + Sync + '_>]) -> Findings {
    let workers = thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let next = Mutex::new(jobs.iter());
    let findings = Mutex::new(Findings::new());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let Some(job) = next.lock().unwrap().next() else {
                        break;
                    };
                    let found = job();
                    findings.lock().unwrap().extend(found);
                }
            });
        }
    });
    findings.into_inner().unwrap()
}

struct Harness {
    cases: Vec<Case>,
    work: PathBuf,
    toolchain: Toolchain,
}

impl Harness {
    fn right(&self, edition: &'static str) -> impl Iterator<Item = &Case> {
        self.cases
            .iter()
            .filter(move |case| !case.is_wrong && case.runs_in(edition))
    }

    /// All right cases in one crate: the lints that fire.
    fn lint(&self, edition: &'static str) -> Findings {
        let messages = Variant::BOTH.map(|variant| {
            let modules = self
                .right(edition)
                .map(|case| case.module(variant))
                .collect::<String>();
            let name = format!("lint_{}_{edition}", variant.name());
            let root = self.write(&name, &format!("{HEAD}{modules}"));
            self.toolchain.lint(&Compilation {
                root: &root,
                edition,
                name: &name,
            })
        });
        for done in &messages {
            if !done.success {
                return vec![format!(
                    "right cases do not compile ({edition}):\n{}",
                    done.errors()
                )];
            }
        }
        let [kept, stripped] = messages.map(|done| done.messages);
        self.right(edition)
            .flat_map(|case| compare::messages(case, edition, &kept, &stripped))
            .collect()
    }

    /// All right cases in one program: what it prints.
    fn run(&self, edition: &'static str) -> Findings {
        let outputs = Variant::BOTH.map(|variant| {
            let mut source = HEAD.to_owned();
            let mut calls = String::new();
            for case in self.right(edition).filter(|case| case.runs) {
                source += &case.module(variant);
                let name = &case.name;
                writeln!(calls, "    support::run(\"{name}\", {name}::run);").unwrap();
            }
            let name = format!("run_{}_{edition}", variant.name());
            let root = self.write(&name, &format!("{source}fn main() {{\n{calls}}}\n"));
            self.toolchain.run(&Compilation {
                root: &root,
                edition,
                name: &name,
            })
        });
        match outputs {
            [Ok(kept), Ok(stripped)] => compare::outputs(edition, &kept, &stripped),
            outputs => outputs.into_iter().filter_map(Result::err).collect(),
        }
    }

    /// A wrong case: the errors.
    fn reject(&self, case: &Case, edition: &'static str) -> Findings {
        let messages = Variant::BOTH.map(|variant| {
            let name = format!("wrong_{}_{}_{edition}", case.name, variant.name());
            let module = case.module(variant);
            let root = self.write(&name, &format!("{HEAD_OF_WRONG}{module}"));
            let done = self.toolchain.check(&Compilation {
                root: &root,
                edition,
                name: &name,
            });
            assert!(!done.success, "{name} compiles");
            done.messages
        });
        let [kept, stripped] = &messages;
        compare::messages(case, edition, kept, stripped)
    }

    fn write(&self, name: &str, source: &str) -> PathBuf {
        let path = self.work.join(format!("{name}.rs"));
        std::fs::write(&path, source).unwrap();
        path
    }
}

/// The beginning of each crate of right cases. With `macro_use` the attribute needs no import in a
/// case, which would be unused without it. Two hundred futures in each other need a higher limit
/// with the attribute and without.
const HEAD: &str = "#![recursion_limit = \"1024\"]
#[macro_use] extern crate propagate_context;
pub mod support;
";

/// The beginning of a crate of one wrong case.
const HEAD_OF_WRONG: &str = "#[macro_use] extern crate propagate_context;
#[path = \"suspend.rs\"] pub mod support;
";
