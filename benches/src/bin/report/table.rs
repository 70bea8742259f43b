//! The one table.

use std::fmt::Write as _;

use crate::measured::{Measured, Row};

pub(crate) fn markdown(measured: &Measured) -> String {
    let mut text = String::from(
        "| operation | who | instructions | to the floor | to ours | ns | allocations |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for operation in measured.operations() {
        let rows = || {
            measured
                .rows()
                .iter()
                .filter(|row| row.operation == operation)
        };
        let ours = rows().find(|row| row.subject == "ours");
        let floor = floor_of(measured, operation);
        for row in rows() {
            let _ = writeln!(
                text,
                "| {operation} | {} | {} | {} | {} | {} | {:.0} |",
                row.subject,
                number(row.instructions, 0),
                ratio(row, floor),
                ratio(row, ours),
                number(row.nanoseconds, 1),
                row.allocations,
            );
        }
    }
    text
}

/// What the machine itself asks for the operation at any size; where nothing does, the same without a context.
fn floor_of<'a>(measured: &'a Measured, operation: &str) -> Option<&'a Row> {
    let base = operation.split('/').next().unwrap_or(operation);
    let base = base.split(' ').next().unwrap_or(base);
    let find = |subject| {
        measured
            .rows()
            .iter()
            .find(|row| row.operation == base && row.subject == subject)
    };
    find("floor").or_else(|| find("plain"))
}

fn ratio(row: &Row, base: Option<&Row>) -> String {
    let counts = base.and_then(|base| row.instructions.zip(base.instructions));
    let times = base.and_then(|base| row.nanoseconds.zip(base.nanoseconds));
    counts.or(times).map_or_else(String::new, |(number, base)| {
        format!("{:.2}", number / base)
    })
}

fn number(number: Option<f64>, decimals: usize) -> String {
    number.map_or_else(String::new, |number| format!("{number:.decimals$}"))
}
