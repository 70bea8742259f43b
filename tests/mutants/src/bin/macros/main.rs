//! Runs the tests against every mutant of the macros that `cargo mutants` lists.
//!
//! The macros run in the compiler, so their tests are files that are compiled. One build of the macros contains all
//! mutants, and each is selected by a check at run time. All files of the parity and ui tests are compiled once in a
//! mode that repeats each expansion with each mutant that it reaches. This records which files a mutant changes, and
//! how.
//!
//! The unit tests are run first. Then many mutants are tried in one compilation, each in a module that is a copy of a
//! file that it changes. The wrong cases of the parity tests are compiled one by one, since their errors would hide
//! those of other cases. Files of `it` come last. Mutants that change the same tokens in the same way are tried once.
//!
//! ```text
//! cargo run --release --manifest-path tests/mutants/Cargo.toml --bin macros -- \
//!     [--work DIR] [--target-dir DIR] [--only FILE] [PREFIX..]
//! ```
//!
//! Run it in the root of the repository, after `cargo install cargo-mutants --locked`. With `--only`, only the mutants
//! named in the file are tried; lines and columns may differ. The program fails if a mutant survives.

mod batch;
mod corpus;
mod judge;
mod libraries;
mod reach;

// Modules of the tests themselves.
#[allow(dead_code)]
#[path = "../../../../parity/case.rs"]
mod case;
#[allow(dead_code)]
#[path = "../../../../parity/compare.rs"]
mod compare;
#[allow(dead_code)]
#[path = "../../../../parity/toolchain.rs"]
mod toolchain;

// Modules shared with the program for the mutants of the runtime.
#[path = "../../list.rs"]
mod list;
#[allow(dead_code)]
#[path = "../../schemata.rs"]
mod schemata;
#[allow(dead_code)]
#[path = "../../tree.rs"]
mod tree;

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::batch::Batches;
use crate::corpus::Corpus;
use crate::judge::Judge;
use crate::libraries::Libraries;
use crate::list::lasting;
use crate::reach::Reach;
use crate::tree::{Subject, Tree, absolute};

type Failure = Box<dyn std::error::Error + Send + Sync>;

const PACKAGE: &str = "propagate-context-macros-core";

const MACROS: Subject = Subject {
    sources: "macros/core/src/",
    question: include_str!("question.rs"),
    checks: &[(
        ".",
        "",
        "check -p propagate-context-macros-core --all-features",
    )],
};

#[derive(Default)]
struct Args {
    target: Option<PathBuf>,
    work: Option<PathBuf>,
    only: Option<PathBuf>,
    prefixes: Vec<String>,
}

fn args() -> Result<Args, Failure> {
    let mut args = Args::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || {
            words
                .next()
                .ok_or_else(|| format!("`{word}` needs a value"))
        };
        match &*word {
            "--target-dir" => args.target = Some(value()?.into()),
            "--work" => args.work = Some(value()?.into()),
            "--only" => args.only = Some(value()?.into()),
            option if option.starts_with("--") => {
                return Err(format!("unknown option `{option}`").into());
            }
            _ => args.prefixes.push(word),
        }
    }
    if args.prefixes.is_empty() {
        args.prefixes.push("macros/core/src/".to_owned());
    }
    Ok(args)
}

/// Builds the programs of the unit tests and of the expansion tests.
fn unit_tests(root: &Path, target: &Path) -> Result<Vec<PathBuf>, Failure> {
    let output = Command::new("cargo")
        .args([
            "test",
            "--no-run",
            "--lib",
            "--test",
            "expansions",
            "--all-features",
            "--message-format",
            "json",
        ])
        .args(["--package", PACKAGE])
        .current_dir(root)
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    let found = text.lines().filter_map(|line| {
        let report: serde_json::Value = serde_json::from_str(line).ok()?;
        Some(report["executable"].as_str()?.into())
    });
    let found: Vec<PathBuf> = found.collect();
    if found.len() < 2 {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(found)
}

fn run() -> Result<bool, Failure> {
    let args = args()?;
    let mut mutants = list::mutants(PACKAGE, &args.prefixes)?;
    if let Some(only) = &args.only {
        let only = fs::read_to_string(only)?;
        let only: HashSet<_> = only.lines().filter_map(lasting).collect();
        mutants.retain(|mutant| lasting(&mutant.name).is_some_and(|name| only.contains(&name)));
    }
    let work = absolute(&args.work.unwrap_or_else(|| "target/mutants".into()))?;
    let target = absolute(&args.target.unwrap_or_else(|| work.join("target")))?;
    let root = work.join("macros");
    // Removes cases that no longer exist.
    _ = fs::remove_dir_all(root.join("tests"));
    let tree = Tree::copy(root.clone(), target.clone(), &MACROS)?;
    let entry_points = include_str!("entry_points.rs");
    tree.put("macros/src/lib.rs", entry_points.as_bytes())?;
    let placed = tree.place(&mutants)?;
    println!("{} listed, {} compile", mutants.len(), placed.len());
    let unit_tests = unit_tests(&root, &target)?;
    let libraries = Libraries::build(&root, &target)?;
    let work = root.join("work");
    fs::create_dir_all(&work)?;
    let corpus = Corpus::read(&root, work, libraries)?;

    let start = Instant::now();
    let print = |number: usize, by: &str| println!("{}: {by}", mutants[number].name);
    let mut numbers: Vec<usize> = placed.into_iter().collect();
    numbers.sort_unstable();
    let judge = Judge::new(&corpus, numbers, &print);
    for program in &unit_tests {
        judge.unit_tests(program)?;
    }
    println!("unit tests: {:?}", start.elapsed());
    let mut reach = Reach::of_small_tests(&corpus)?;
    println!("what mutants change: {:?}", start.elapsed());
    let batches = Batches::new(&corpus)?;
    judge.batches(&batches, &reach, false, 4)?;
    println!("batches: {:?}", start.elapsed());
    judge.one_by_one(&batches, &reach, 3)?;
    println!("one by one: {:?}", start.elapsed());
    reach.add_it(&corpus, &judge.left())?;
    judge.batches(&batches, &reach, true, 4)?;
    println!("files of `it`: {:?}", start.elapsed());
    judge.batches(&batches, &reach, false, 12)?;
    judge.one_by_one(&batches, &reach, 12)?;
    let survivors: Vec<String> = judge
        .left()
        .into_iter()
        .map(|number| {
            let changed = reach.changed(number).len();
            format!("{} (changes {changed} files)", mutants[number].name)
        })
        .collect();
    println!(
        "\n{} of {} caught in {:?}; survivors:\n{}",
        judge.caught(),
        judge.caught() + survivors.len(),
        start.elapsed(),
        survivors.join("\n")
    );
    Ok(survivors.is_empty())
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
