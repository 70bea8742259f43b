//! Runs the tests against every mutant of the runtime that `cargo mutants` lists.
//!
//! `cargo mutants` itself recompiles the crate and its tests for each of about 2,700 mutants. This program
//! compiles all mutants at once. Each is selected by a check at run time, according to an environment variable that is
//! read once by each test program. First, every test is run once in its own process, to record which mutants it
//! reaches. Then, for each mutant, only the tests that reach it are run, up to the first that fails. Mutants of
//! constant functions and of fields cannot be tried in this way, and are left to `cargo mutants`.
//!
//! ```text
//! cargo run --release --manifest-path tests/mutants/Cargo.toml -- [OPTIONS] [PREFIX..]
//!
//! --minutes N     stop after N minutes: the mutants tried so far are a sample
//! --only FILE     try only the mutants named in FILE, the output of an earlier run; lines and columns may differ
//! --known FILE    the output of an earlier run on the same sources: the mutants that it caught count as caught
//! --work DIR      the folder for the copy of the repository (default: target/mutants)
//! --target-dir D  cargo's target folder (default: DIR/target)
//! ```
//!
//! Run it in the root of the repository, after `cargo install cargo-mutants --locked`. Without a prefix, all files of
//! the runtime are mutated. The program fails if a mutant survives. `--bin macros` does the same for the macros.

mod judge;
mod list;
mod reach;
mod schemata;
mod tree;

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use crate::judge::{Judge, Verdict};
use crate::list::{Mutant, lasting};
use crate::tree::{RUNTIME, Tree, absolute};

type Failure = Box<dyn std::error::Error>;

#[derive(Default)]
struct Args {
    time: Option<Duration>,
    only: Option<PathBuf>,
    known: Option<PathBuf>,
    work: Option<PathBuf>,
    target: Option<PathBuf>,
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
            "--minutes" => args.time = Some(Duration::from_secs(60 * value()?.parse::<u64>()?)),
            "--only" => args.only = Some(value()?.into()),
            "--known" => args.known = Some(value()?.into()),
            "--work" => args.work = Some(value()?.into()),
            "--target-dir" => args.target = Some(value()?.into()),
            option if option.starts_with("--") => {
                return Err(format!("unknown option `{option}`").into());
            }
            _ => args.prefixes.push(word),
        }
    }
    if args.prefixes.is_empty() {
        args.prefixes.push("runtime/src/".to_owned());
    }
    Ok(args)
}

/// Shuffles the numbers, in the same order each time.
fn shuffled(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.sort_unstable();
    numbers.sort_by_key(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7);
    numbers
}

fn run() -> Result<bool, Failure> {
    let args = args()?;
    let work = absolute(&args.work.unwrap_or_else(|| "target/mutants".into()))?;
    let mutants: Vec<Mutant> = list::mutants("propagate-context", &args.prefixes)?;
    let target = args.target.unwrap_or_else(|| work.join("target"));
    let tree = Tree::copy(work.join("tree"), absolute(&target)?, &RUNTIME)?;
    let placed = tree.place(&mutants)?;
    println!("{} listed, {} compile", mutants.len(), placed.len());
    let programs = tree.build()?;
    let tests = reach::map(&programs, &work)?;
    println!("{} tests", tests.len());

    let mut numbers: Vec<usize> = placed.into_iter().collect();
    if let Some(only) = args.only {
        let only = fs::read_to_string(only)?;
        let only: HashSet<_> = only.lines().filter_map(lasting).collect();
        numbers.retain(|&number| {
            lasting(&mutants[number].name).is_some_and(|name| only.contains(&name))
        });
    }
    let mut verdicts = Vec::new();
    if let Some(known) = args.known {
        let known = fs::read_to_string(known)?;
        let caught = |line: &str| Some(line.split_once(": caught by ")?.0.to_owned());
        let known: HashSet<String> = known.lines().filter_map(caught).collect();
        numbers.retain(|&number| {
            let mutant = &mutants[number];
            let known = known.contains(&mutant.name);
            if known {
                verdicts.push((mutant, Verdict::Caught("an earlier run".to_owned())));
            }
            !known
        });
    }
    let queue = Mutex::new(shuffled(numbers).into_iter());
    let judge = Judge {
        tests: &tests,
        programs: &programs,
        caught: Mutex::default(),
    };
    let verdicts = Mutex::new(verdicts);
    let start = Instant::now();
    let worker = || {
        while args.time.is_none_or(|time| start.elapsed() < time) {
            let Some(number) = queue.lock().unwrap().next() else {
                return Ok(());
            };
            let mutant = &mutants[number];
            let verdict = judge
                .judge(number, &mutant.file)
                .map_err(|error| error.to_string())?;
            println!("{}: {verdict}", mutant.name);
            verdicts.lock().unwrap().push((mutant, verdict));
        }
        Ok::<_, String>(())
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..reach::WORKERS).map(|_| scope.spawn(worker)).collect();
        workers
            .into_iter()
            .try_for_each(|worker| worker.join().unwrap())
    })?;
    Ok(report(&verdicts.into_inner().unwrap()))
}

/// Prints the figures for each folder. Returns whether no mutant survived.
fn report(verdicts: &[(&Mutant, Verdict)]) -> bool {
    let mut folders: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for (mutant, verdict) in verdicts {
        let folder = Path::new(&mutant.file).parent().and_then(Path::to_str);
        for folder in [folder.unwrap_or_default(), "~ all"] {
            let figures = folders.entry(folder).or_default();
            figures.0 += usize::from(verdict.is_caught());
            figures.1 += 1;
        }
    }
    println!();
    for (folder, (caught, tried)) in folders {
        println!("{folder}: {caught} of {tried} caught");
    }
    println!("\nsurvivors:");
    let mut survivors: Vec<String> = verdicts
        .iter()
        .filter(|(_, verdict)| !verdict.is_caught())
        .map(|(mutant, verdict)| format!("{}: {verdict}", mutant.name))
        .collect();
    survivors.sort_unstable();
    println!("{}", survivors.join("\n"));
    survivors.is_empty()
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
