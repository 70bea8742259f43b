//! Compares instruction counts, locked operations, allocations and sizes with the committed table. Times are not
//! reproducible, and not compared.
//!
//! `gate` fails if a number exceeds the one in the table; `gate --update` rewrites the table.

use std::alloc::System;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::ExitCode;
use std::{env, fs, io};

use propagate_context_benches::{callgrind, cases, memory, ours, part, sizes};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const TABLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/gate.tsv");

fn main() -> io::Result<ExitCode> {
    if part::did_its_part() {
        return Ok(ExitCode::SUCCESS);
    }
    let measured = measure()?;
    if env::args().any(|argument| argument == "--update") {
        fs::write(TABLE, written(&measured))?;
        return Ok(ExitCode::SUCCESS);
    }
    let allowed = read(&fs::read_to_string(TABLE)?);
    Ok(compare(&measured, &allowed))
}

type Table = BTreeMap<String, f64>;

fn measure() -> io::Result<Table> {
    let mut table = sizes::of_ours();
    let cases = cases();
    for case in cases.iter().filter(|case| ours::is(case) && case.repeats) {
        let name = case.name();
        let counts = callgrind::counts(case)?;
        table.insert(format!("{name} allocations"), memory::allocations(case)?);
        table.insert(format!("{name} instructions"), counts.instructions);
        table.insert(format!("{name} locked"), counts.locked);
    }
    Ok(table)
}

/// The compiler, and other code in the crate, change inlining by a few instructions.
fn allowance(kind: &str, number: f64) -> f64 {
    match kind {
        "instructions" => f64::max(3.0, number * 0.08),
        "allocations" => 0.01,
        // The allocator has some of its own when it merges free blocks, which depends on the state of the heap.
        "locked" if number >= 5.0 => number * 0.5,
        // The table has one decimal.
        "locked" => 0.1,
        _ => 0.5,
    }
}

fn compare(measured: &Table, allowed: &Table) -> ExitCode {
    let mut failed = 0;
    for (name, &now) in measured {
        let kind = name.rsplit(' ').next().unwrap_or_default();
        let Some(&then) = allowed.get(name) else {
            eprintln!("`{name}` is not in the table: run `benches/gate --update`");
            failed += 1;
            continue;
        };
        if now > then + allowance(kind, then) {
            eprintln!("`{name}`: {now:.1}, where the table allows {then:.1}");
            failed += 1;
        } else if now < then - 2.0 * allowance(kind, then) {
            println!(
                "`{name}`: {now:.1}, better than the {then:.1} of the table: run `benches/gate --update`"
            );
        }
    }
    println!("{} passed, {failed} failed", measured.len() - failed);
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn written(table: &Table) -> String {
    table
        .iter()
        .fold(String::new(), |mut text, (name, number)| {
            let _ = writeln!(text, "{name}\t{number:.1}");
            text
        })
}

fn read(text: &str) -> Table {
    text.lines()
        .filter_map(|line| line.split_once('\t'))
        .filter_map(|(name, number)| Some((name.to_owned(), number.parse().ok()?)))
        .collect()
}
