//! Sets every case beside the floor and beside ours: one table and the plots, written to `RESULTS.md` and `plots/`.
//!
//! The times are those of the last `cargo bench`; `benches/run` takes them first.

mod measured;
mod plot;
mod table;

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use measured::Measured;
use plot::{Line, bars, lines};
use propagate_context_benches::{SIZES, TASK_COUNTS, callgrind, memory, ours, sizes};

fn main() -> io::Result<()> {
    if callgrind::ran_a_case() {
        return Ok(());
    }
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let measured = Measured::take(here)?;
    let text = format!(
        "{}\n{}\n## Bytes\n\n{}",
        include_str!("head.md"),
        table::markdown(&measured),
        bytes()
    );
    println!("{text}");
    fs::write(here.join("RESULTS.md"), text)?;
    let plots = here.join("plots");
    fs::create_dir_all(&plots)?;
    for operation in ["poll", "call", "capture", "read/1", "scope/1", "line"] {
        let name = format!("{}.svg", operation.replace('/', "-"));
        let title = format!("{operation}: instructions, over the same without a context");
        fs::write(plots.join(name), bars(&title, &measured.of(operation)))?;
    }
    for operation in ["read", "read last", "set", "scope", "scope future"] {
        let name = format!("growth-{}.svg", operation.replace(' ', "-"));
        let title = format!("{operation}: instructions, by how many variables are set");
        fs::write(
            plots.join(name),
            lines(&title, &measured.growth(operation, &SIZES)),
        )?;
    }
    let title = "read: instructions, by how many scopes are nested";
    let nested = measured.growth("read nested", &ours::DEPTHS);
    fs::write(plots.join("growth-nesting.svg"), lines(title, &nested))?;
    let title = "bytes of a pending task, by how many are pending";
    fs::write(plots.join("growth-tasks.svg"), lines(title, &tasks()))
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
        ]
    })
}
