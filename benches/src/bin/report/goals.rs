//! The goal for the cost of each operation, and the measured cost: the table of `README.md`.

use std::fmt::Write as _;

use crate::measured::{Measured, Row};
use crate::table;

/// What is compared with a bound.
enum Goal {
    /// Our time, as a multiple of that of another subject.
    TimeOf(&'static str),
    /// Our time, as a multiple of that of the floor.
    TimeOfFloor,
    Instructions,
    /// Our instructions, minus those of another subject.
    MoreThan(&'static str),
    /// Our instructions, as a multiple of those of another operation of ours.
    InstructionsOf(&'static str),
}

const TOKIO: &str = "tokio, struct";
const OTEL: &str = "OpenTelemetry";
const LAYER: &str = "ours, layer alone";

/// Operation, what is compared, the bound.
const GOALS: [(&str, Goal, f64); 24] = [
    ("read/1", Goal::TimeOf(TOKIO), 2.5),
    ("read/256", Goal::TimeOf(TOKIO), 2.5),
    ("read last/4096", Goal::InstructionsOf("read last/256"), 1.1),
    ("read cloned String", Goal::TimeOf(OTEL), 1.0),
    ("poll, 64 in turn", Goal::TimeOfFloor, 2.5),
    ("re-entry", Goal::TimeOf(TOKIO), 1.0),
    ("re-entry, two threads", Goal::TimeOf(TOKIO), 1.0),
    ("capture", Goal::TimeOfFloor, 1.1),
    ("set/1", Goal::Instructions, 300.0),
    ("set/256", Goal::Instructions, 300.0),
    ("scope/1", Goal::TimeOf(TOKIO), 1.0),
    ("scope/4", Goal::TimeOf(TOKIO), 1.0),
    ("scope/256", Goal::TimeOf(TOKIO), 1.0),
    ("scope/4096", Goal::TimeOf(TOKIO), 1.0),
    ("scope/4096", Goal::InstructionsOf("scope/256"), 1.1),
    ("scope future/1", Goal::Instructions, 700.0),
    ("scope future/256", Goal::Instructions, 900.0),
    ("set captured/1", Goal::Instructions, 700.0),
    ("set captured/256", Goal::Instructions, 900.0),
    ("request, layer and entry", Goal::MoreThan(LAYER), 300.0),
    ("request, id brought", Goal::MoreThan("tower-http"), 0.0),
    ("request, id made", Goal::MoreThan("tower-http"), 0.0),
    ("line, 256 variables", Goal::InstructionsOf("line"), 1.1),
    ("read, two threads", Goal::TimeOf(TOKIO), 2.5),
];

pub(crate) fn markdown(measured: &Measured) -> String {
    let mut text = String::from(
        "| operation | goal | now | | instructions: ours / floor / tokio / OpenTelemetry | locked: the same | ns: the same |\n\
         | --- | --- | ---: | --- | ---: | ---: | ---: |\n",
    );
    for (operation, goal, bound) in &GOALS {
        let Some(row) = measured.row(operation, "ours") else {
            continue;
        };
        let now = goal.now(measured, row);
        let met = match now {
            Some(now) if now <= *bound => "met",
            Some(_) => "**missed**",
            None => "",
        };
        let decimals = goal.decimals();
        let _ = writeln!(
            text,
            "| {operation} | {} | {} | {met} | {} |",
            goal.text(*bound),
            table::number(now, decimals),
            table::counted_cells(measured, row),
        );
    }
    text
}

impl Goal {
    fn now(&self, measured: &Measured, row: &Row) -> Option<f64> {
        let instructions = |row: &Row| Some(row.counts?.instructions);
        match self {
            Self::TimeOf(subject) => measured.ratio(row, subject),
            Self::TimeOfFloor => measured.ratio_to_floor(row),
            Self::Instructions => instructions(row),
            Self::MoreThan(subject) => {
                let other = measured.row(&row.operation, subject)?;
                Some(instructions(row)? - instructions(other)?)
            }
            Self::InstructionsOf(operation) => {
                let other = measured.row(operation, "ours")?;
                Some(instructions(row)? / instructions(other)?)
            }
        }
    }

    fn text(&self, bound: f64) -> String {
        match self {
            Self::TimeOf(subject) => format!("{bound} times the time of {subject}"),
            Self::TimeOfFloor => format!("{bound} times the time of the floor"),
            Self::Instructions => format!("{bound} instructions"),
            Self::MoreThan(subject) => format!("{bound} instructions more than {subject}"),
            Self::InstructionsOf(operation) => {
                format!("{bound} times the instructions of {operation}")
            }
        }
    }

    fn decimals(&self) -> usize {
        match self {
            Self::Instructions | Self::MoreThan(_) => 0,
            _ => 2,
        }
    }
}
