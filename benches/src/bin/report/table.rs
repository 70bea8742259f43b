//! The tables: ours beside all other subjects, one row per operation; and one row per subject.

use std::fmt::Write as _;

use crate::measured::{Measured, Row};

/// The columns of the first table, and their subjects; the first one that has the operation counts.
const PEERS: [(&str, &[&str]); 7] = [
    ("tokio", &["tokio, struct"]),
    ("OpenTelemetry", &["OpenTelemetry"]),
    ("tracing", &["tracing, registry", "tracing"]),
    ("fastrace", &["fastrace"]),
    ("emit", &["emit"]),
    ("metainfo", &["metainfo"]),
    ("tower-http", &["tower-http"]),
];

/// The number of columns whose counts are in the first table.
const COUNTED: usize = 2;

/// One row for each operation of ours.
pub(crate) fn beside_peers(measured: &Measured) -> String {
    let mut text = String::from(
        "| operation | instructions: ours / floor / tokio / OpenTelemetry | locked: the same | ns: the same | time to floor |",
    );
    for (name, _) in PEERS {
        let _ = write!(text, " to {name} |");
    }
    text += "\n| --- | ---: | ---: | ---: | ---: |";
    text += &" ---: |".repeat(PEERS.len());
    text += "\n";
    for operation in measured.operations() {
        for row in measured.rows_of(operation) {
            if let Some(variant) = row.subject.strip_prefix("ours") {
                let _ = writeln!(text, "| {operation}{variant} {}", cells(measured, row));
            }
        }
    }
    text
}

fn cells(measured: &Measured, row: &Row) -> String {
    let mut text = format!(
        "| {} | {} |",
        counted_cells(measured, row),
        number(measured.ratio_to_floor(row), 2),
    );
    for (_, subjects) in PEERS {
        let ratio = subjects.iter().find_map(|peer| measured.ratio(row, peer));
        let _ = write!(text, " {} |", ratio.map_or_else(String::new, marked));
    }
    text
}

/// Instructions, locked operations and nanoseconds.
pub(crate) fn counted_cells(measured: &Measured, row: &Row) -> String {
    let counted = counted(measured, row);
    format!(
        "{} | {} | {}",
        joined(&counted, |row| number(
            row.counts.map(|it| it.instructions),
            0
        )),
        joined(&counted, |row| number(row.counts.map(|it| it.locked), 0)),
        joined(&counted, |row| number(row.nanoseconds, 1)),
    )
}

/// Ours, the floor, and the peers whose counts are in the first table.
fn counted<'a>(measured: &'a Measured, row: &'a Row) -> Vec<Option<&'a Row>> {
    let mut rows = vec![Some(row), measured.floor(&row.operation)];
    rows.extend(PEERS[..COUNTED].iter().map(|(_, subjects)| {
        subjects
            .iter()
            .find_map(|peer| measured.row(&row.operation, peer))
    }));
    rows
}

/// `12 / 4 / – / 23`
fn joined(rows: &[Option<&Row>], of: impl Fn(&Row) -> String) -> String {
    let numbers: Vec<String> = rows
        .iter()
        .map(|row| row.map_or_else(String::new, &of))
        .map(|number| {
            if number.is_empty() {
                "–".to_owned()
            } else {
                number
            }
        })
        .collect();
    numbers.join(" / ")
}

/// In bold if the other one is faster.
fn marked(ratio: f64) -> String {
    if ratio > 1.05 {
        format!("**{ratio:.2}**")
    } else {
        format!("{ratio:.2}")
    }
}

/// One row for each subject of each operation.
pub(crate) fn each_subject(measured: &Measured) -> String {
    let mut text = String::from(
        "| operation | who | instructions | locked | allocations | ns | time to floor | time to ours |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for operation in measured.operations() {
        for row in measured.rows_of(operation) {
            let _ = writeln!(
                text,
                "| {operation} | {} | {} | {} | {:.0} | {} | {} | {} |",
                row.subject,
                number(row.counts.map(|it| it.instructions), 0),
                number(row.counts.map(|it| it.locked), 0),
                row.allocations,
                number(row.nanoseconds, 1),
                number(measured.ratio_to_floor(row), 2),
                number(measured.ratio(row, "ours"), 2),
            );
        }
    }
    text
}

pub(crate) fn number(number: Option<f64>, decimals: usize) -> String {
    number.map_or_else(String::new, |number| format!("{number:.decimals$}"))
}
