//! All cases with their numbers.

use std::collections::BTreeMap;
use std::io;

use propagate_context_benches::callgrind::{self, Counts};
use propagate_context_benches::times::Times;
use propagate_context_benches::{Case, cases, floor, memory};

use crate::plot::Line;

pub(crate) struct Row {
    pub(crate) operation: String,
    pub(crate) subject: &'static str,
    pub(crate) counts: Option<Counts>,
    pub(crate) nanoseconds: Option<f64>,
    pub(crate) allocations: f64,
}

pub(crate) struct Measured {
    rows: Vec<Row>,
    times: BTreeMap<String, Times>,
    /// The operation and the subject that each operation is compared with.
    floors: BTreeMap<String, (String, &'static str)>,
}

impl Measured {
    /// Measures the operations with `wanted` in their name.
    pub(crate) fn take(wanted: &str) -> io::Result<Self> {
        let all = cases();
        let mut measured = Self {
            rows: Vec::new(),
            times: BTreeMap::new(),
            floors: BTreeMap::new(),
        };
        for case in &all {
            let operation = &case.operation;
            if !operation.contains(wanted) {
                continue;
            }
            if !measured.times.contains_key(operation) {
                measured
                    .times
                    .insert(operation.clone(), Times::take(operation)?);
                if let Some(floor) = floor::of(&all, operation) {
                    let floor = (floor.operation.clone(), floor.subject);
                    measured.floors.insert(operation.clone(), floor);
                }
            }
            let row = measured.measure(case)?;
            measured.rows.push(row);
        }
        Ok(measured)
    }

    fn measure(&self, case: &Case) -> io::Result<Row> {
        Ok(Row {
            operation: case.operation.clone(),
            subject: case.subject,
            counts: if case.counted {
                Some(callgrind::counts(case)?)
            } else {
                None
            },
            nanoseconds: self.times[&case.operation].best(case.subject),
            allocations: memory::allocations(case)?,
        })
    }

    pub(crate) fn operations(&self) -> Vec<&str> {
        let mut operations: Vec<&str> = Vec::new();
        for row in &self.rows {
            if !operations.contains(&&*row.operation) {
                operations.push(&row.operation);
            }
        }
        operations
    }

    pub(crate) fn rows_of(&self, operation: &str) -> impl Iterator<Item = &Row> {
        self.rows
            .iter()
            .filter(move |row| row.operation == operation)
    }

    pub(crate) fn row(&self, operation: &str, subject: &str) -> Option<&Row> {
        self.rows_of(operation).find(|row| row.subject == subject)
    }

    /// What `operation` is compared with.
    pub(crate) fn floor(&self, operation: &str) -> Option<&Row> {
        let (operation, subject) = self.floors.get(operation)?;
        self.row(operation, subject)
    }

    /// Its time as a multiple of that of `base`, in the same process.
    pub(crate) fn ratio(&self, row: &Row, base: &str) -> Option<f64> {
        self.times.get(&row.operation)?.ratio(row.subject, base)
    }

    pub(crate) fn ratio_to_floor(&self, row: &Row) -> Option<f64> {
        let (_, subject) = self.floors.get(&row.operation)?;
        self.ratio(row, subject)
    }

    /// The subjects of `operation`, and their instructions.
    pub(crate) fn instructions(&self, operation: &str) -> Vec<(&'static str, f64)> {
        self.rows_of(operation)
            .filter_map(|row| Some((row.subject, row.counts?.instructions)))
            .collect()
    }

    /// The same, and their times.
    pub(crate) fn nanoseconds(&self, operation: &str) -> Vec<(&'static str, f64)> {
        self.rows_of(operation)
            .filter_map(|row| Some((row.subject, row.nanoseconds?)))
            .collect()
    }
}

/// A line for each subject: `of` an operation by size.
pub(crate) fn growth(
    operation: &str,
    sizes: &[usize],
    of: impl Fn(&str) -> Vec<(&'static str, f64)>,
) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for &size in sizes {
        for (subject, number) in of(&format!("{operation}/{size}")) {
            match lines.iter_mut().find(|line| line.name == subject) {
                Some(line) => line.points.push((size, number)),
                None => lines.push(Line {
                    name: subject.to_owned(),
                    points: vec![(size, number)],
                }),
            }
        }
    }
    lines
}
