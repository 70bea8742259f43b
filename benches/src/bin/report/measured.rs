//! Every case with its numbers.

use std::path::Path;
use std::{fs, io};

use propagate_context_benches::{Case, callgrind, cases, memory};

use crate::plot::Line;

pub(crate) struct Row {
    pub(crate) operation: String,
    pub(crate) subject: &'static str,
    pub(crate) instructions: Option<f64>,
    pub(crate) nanoseconds: Option<f64>,
    pub(crate) allocations: f64,
}

pub(crate) struct Measured(Vec<Row>);

impl Measured {
    pub(crate) fn take(here: &Path) -> io::Result<Self> {
        let row = |case: Case| {
            Ok(Row {
                instructions: if case.counted {
                    Some(callgrind::instructions(&case.name())?)
                } else {
                    None
                },
                nanoseconds: time(here, &case.file_name()),
                allocations: memory::allocations(&case),
                operation: case.operation,
                subject: case.subject,
            })
        };
        let mut rows = cases()
            .into_iter()
            .map(row)
            .collect::<io::Result<Vec<_>>>()?;
        take_off_what_is_plain(&mut rows);
        Ok(Self(rows))
    }

    pub(crate) fn rows(&self) -> &[Row] {
        &self.0
    }

    pub(crate) fn operations(&self) -> Vec<&str> {
        let mut operations: Vec<&str> = Vec::new();
        for row in &self.0 {
            if !operations.contains(&&*row.operation) {
                operations.push(&row.operation);
            }
        }
        operations
    }

    /// Who does `operation`, and in how many instructions.
    pub(crate) fn of(&self, operation: &str) -> Vec<(&'static str, f64)> {
        self.0
            .iter()
            .filter(|row| row.operation == operation)
            .filter_map(|row| Some((row.subject, row.instructions?)))
            .collect()
    }

    /// A line for each subject: instructions by size.
    pub(crate) fn growth(&self, operation: &str, sizes: &[usize]) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        for &size in sizes {
            for (subject, instructions) in self.of(&format!("{operation}/{size}")) {
                match lines.iter_mut().find(|line| line.name == subject) {
                    Some(line) => line.points.push((size, instructions)),
                    None => lines.push(Line {
                        name: subject.to_owned(),
                        points: vec![(size, instructions)],
                    }),
                }
            }
        }
        lines
    }
}

fn take_off_what_is_plain(rows: &mut [Row]) {
    for operation in [
        "poll",
        "call",
        "request, id made",
        "request, id brought",
        "request, id and tenant",
    ] {
        let plain = rows
            .iter()
            .find(|row| row.operation == operation && row.subject == "plain");
        let Some((instructions, nanoseconds)) =
            plain.map(|row| (row.instructions, row.nanoseconds))
        else {
            continue;
        };
        for row in rows
            .iter_mut()
            .filter(|row| row.operation == operation && row.subject != "plain")
        {
            row.instructions = row
                .instructions
                .zip(instructions)
                .map(|(all, plain)| all - plain);
            row.nanoseconds = row
                .nanoseconds
                .zip(nanoseconds)
                .map(|(all, plain)| f64::max(all - plain, 0.0));
        }
    }
}

/// The best sample of criterion's last run: what else the machine does only ever makes it slower.
fn time(here: &Path, name: &str) -> Option<f64> {
    let path = here
        .join("target/criterion")
        .join(name)
        .join("new/sample.json");
    let sample: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).ok()?).ok()?;
    let numbers = |key: &str| {
        Some(
            sample[key]
                .as_array()?
                .iter()
                .filter_map(serde_json::Value::as_f64),
        )
    };
    numbers("times")?
        .zip(numbers("iters")?)
        .map(|(time, count)| time / count)
        .min_by(f64::total_cmp)
}
