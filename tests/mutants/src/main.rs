//! Makes every mutant that `cargo mutants` lists of the runtime, and has the tests look for each.
//!
//! `cargo mutants` itself compiles the crate and its tests anew for each of some two thousand. Here all of them are
//! compiled at once, each behind a question that the environment answers when a test program starts: so a mutant costs
//! the time of the tests alone. What cannot be written in that way is left to `cargo mutants`: mutants of constant functions, and of
//! fields.
//!
//! ```text
//! cargo run --release --manifest-path tests/mutants/Cargo.toml -- [--minutes 30] [--target-dir DIR] [PREFIX..]
//! ```
//!
//! in the root of the repository, with `cargo install cargo-mutants --locked`. Without a prefix all files of the runtime are
//! looked at. With `--minutes` those that are tried are a sample. It ends with an error where a mutant survives.

mod judge;
mod list;
mod schemata;
mod tree;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::list::Mutant;
use crate::tree::{Tree, absolute};

type Failure = Box<dyn std::error::Error>;

struct Args {
    time: Option<Duration>,
    target: PathBuf,
    prefixes: Vec<String>,
}

fn args() -> Result<Args, Failure> {
    let mut args = Args {
        time: None,
        target: PathBuf::from("target/mutants/target"),
        prefixes: Vec::new(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match &*word {
            "--minutes" => {
                let minutes: u64 = words.next().unwrap_or_default().parse()?;
                args.time = Some(Duration::from_secs(60 * minutes));
            }
            "--target-dir" => args.target = words.next().unwrap_or_default().into(),
            prefix => args.prefixes.push(prefix.to_owned()),
        }
    }
    if args.prefixes.is_empty() {
        args.prefixes.push("runtime/src/".to_owned());
    }
    Ok(args)
}

/// The numbers in an order that looks like none, the same each time.
fn shuffled(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.sort_unstable();
    numbers.sort_by_key(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 7);
    numbers
}

fn run() -> Result<bool, Failure> {
    let args = args()?;
    let mutants: Vec<Mutant> = list::mutants(&args.prefixes)?;
    let root = absolute(Path::new("target/mutants/tree"))?;
    let tree = Tree::copy(root, absolute(&args.target)?)?;
    let placed = tree.place(&mutants)?;
    println!("{} listed, {} compile", mutants.len(), placed.len());
    let programs = tree.build()?;
    let start = Instant::now();
    let (mut tried, mut survivors) = (0, Vec::new());
    for number in shuffled(placed.into_iter().collect()) {
        if args.time.is_some_and(|time| start.elapsed() > time) {
            break;
        }
        let mutant = &mutants[number];
        let by = judge::judge(number, mutant, &programs, &tree.tests())?;
        println!("{}: {}", mutant.name, by.unwrap_or("SURVIVES"));
        tried += 1;
        if by.is_none() {
            survivors.push(&*mutant.name);
        }
    }
    let caught = tried - survivors.len();
    println!(
        "\n{caught} of {tried} caught; survivors:\n{}",
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
