//! Compares every case with the floor and with ours.
//!
//! With an argument, prints the table of the operations that have it in their name. Without one, measures all of them, and
//! writes `RESULTS.md`, `plots/` and the table of `README.md`.

mod goals;
mod measured;
mod plot;
mod table;

use std::alloc::System;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

use measured::{Measured, growth};
use plot::{Line, bars, lines};
use propagate_context_benches::{SIZES, TASK_COUNTS, memory, ours, part, sizes};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> io::Result<()> {
    if part::did_its_part() {
        return Ok(());
    }
    if let Some(wanted) = env::args().nth(1) {
        let measured = Measured::take(&wanted)?;
        println!("{}", table::beside_peers(&measured));
        println!("{}", table::each_subject(&measured));
        return Ok(());
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let measured = Measured::take("")?;
    let tasks = tasks();
    let text = format!(
        "{}\n{}\n## Each subject\n\n{}\n## Bytes\n\n{}\n{}",
        include_str!("head.md"),
        table::beside_peers(&measured),
        table::each_subject(&measured),
        bytes(),
        a_million(&tasks),
    );
    println!("{text}");
    fs::write(here.join("RESULTS.md"), text)?;
    put_into_readme(&here.join("README.md"), &goals::markdown(&measured))?;
    draw(&here.join("plots"), &measured, &tasks)
}

/// Between the two comments that mark its place.
fn put_into_readme(path: &Path, table: &str) -> io::Result<()> {
    const BEGIN: &str = "<!-- written by `benches/run` -->\n";
    const END: &str = "<!-- end -->";
    let text = fs::read_to_string(path)?;
    let parts = text
        .split_once(BEGIN)
        .and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) =
        parts.ok_or_else(|| io::Error::other("README.md has lost the place of its table"))?;
    fs::write(path, format!("{before}{BEGIN}{table}{END}{after}"))
}

fn draw(plots: &Path, measured: &Measured, tasks: &[Line]) -> io::Result<()> {
    fs::create_dir_all(plots)?;
    let bars_of = [
        "poll",
        "poll, 64 in turn",
        "call",
        "capture",
        "re-entry",
        "read/1",
        "scope/1",
        "line",
    ];
    for operation in bars_of {
        let name = operation.replace(['/', ' '], "-").replace(',', "");
        for (what, numbers) in [
            ("instructions", measured.instructions(operation)),
            ("nanoseconds", measured.nanoseconds(operation)),
        ] {
            let title = format!("{operation}: {what}");
            let path = plots.join(format!("{name}-{what}.svg"));
            fs::write(path, bars(&title, &numbers))?;
        }
    }
    for operation in ["read", "read last", "set", "scope", "scope future"] {
        let name = operation.replace(' ', "-");
        let instructions = growth(operation, &SIZES, |at| measured.instructions(at));
        let nanoseconds = growth(operation, &SIZES, |at| measured.nanoseconds(at));
        for (what, numbers) in [("instructions", instructions), ("nanoseconds", nanoseconds)] {
            let title = format!("{operation}: {what}, by how many variables are set");
            let path = plots.join(format!("growth-{name}-{what}.svg"));
            fs::write(path, lines(&title, &numbers))?;
        }
    }
    let title = "read: instructions, by how many scopes are nested";
    let nested = growth("read nested", &ours::DEPTHS, |at| measured.instructions(at));
    fs::write(plots.join("growth-nesting.svg"), lines(title, &nested))?;
    let title = "bytes of a pending task, by how many are pending";
    fs::write(plots.join("growth-tasks.svg"), lines(title, tasks))
}

fn a_million(tasks: &[Line]) -> String {
    let head = String::from(
        "Of 1,000,000 pending tasks, each of a small future:\n\n| who | bytes of a task |\n| --- | ---: |\n",
    );
    tasks.iter().fold(head, |mut text, line| {
        let bytes = line.points.last().map_or(0.0, |&(_, bytes)| bytes);
        let _ = writeln!(text, "| {} | {bytes:.0} |", line.name);
        text
    })
}

fn bytes() -> String {
    let head = String::from(
        "What a wrapper adds to a future, and to each of 100,000 pending tasks, on the heap all told: the mean over\n\
         sixteen sizes of futures, since tokio rounds a task up to the next 128 bytes.\n\n\
         | who | bytes of a future | bytes of a task |\n| --- | ---: | ---: |\n",
    );
    sizes::of_all().iter().fold(head, |mut text, (who, more)| {
        let _ = writeln!(text, "| {who} | {:.0} | {:.0} |", more.future, more.task);
        text
    })
}

fn tasks() -> Vec<Line> {
    use propagate_context_benches::Ticks;
    let line = |name: &str, per_task: &dyn Fn(usize) -> f64| Line {
        name: name.to_owned(),
        points: TASK_COUNTS
            .iter()
            .map(|&tasks| (tasks, per_task(tasks)))
            .collect(),
    };
    ours::context(3).sync_scope(|| {
        vec![
            line("plain", &|tasks| memory::per_task(tasks, Ticks::default)),
            line("ours", &|tasks| {
                memory::per_task(tasks, || ours::brought(Ticks::default()))
            }),
            line("ours, annotated", &|tasks| {
                memory::per_task(tasks, || ours::annotated(Ticks::default()))
            }),
            line("ours, `VAR.scope`", &|tasks| {
                memory::per_task(tasks, || ours::with_value(Ticks::default()))
            }),
        ]
    })
}
