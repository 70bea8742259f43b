//! Instructions and locked operations, counted by callgrind: they are the same in each run, so that a gate can compare them.
//!
//! A harness of our own, since the usual one takes longer to build than the gate may run. Each case runs in a separate
//! process under valgrind: the program `counts`, which does not use the counting allocator.

use std::io;
use std::process::Command;

use crate::{Case, Run, child};

/// How often the operation runs in one measurement.
const TIMES: u32 = 1_000;

/// The cost of one operation.
#[derive(Clone, Copy)]
pub struct Counts {
    pub instructions: f64,
    /// Atomic read-modify-write operations, which lock a cache line: few among the instructions, many times as slow.
    pub locked: f64,
}

/// In the child.
pub(crate) fn run(case: &Case) {
    let mut run = case.prepare();
    // What happens once per process is not part of the cost of an operation.
    run(TIMES);
    collected_by_callgrind(&mut run);
}

/// Callgrind collects between the entry of this function and its return, and finds it by this name.
#[inline(never)]
fn collected_by_callgrind(run: &mut Run) {
    run(TIMES);
}

/// Counts one operation of `case`.
///
/// # Errors
///
/// If valgrind or the program `counts` is missing, or if the output of valgrind cannot be parsed.
pub fn counts(case: &Case) -> io::Result<Counts> {
    let name = case.name();
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--collect-bus=yes")
        .arg("--toggle-collect=*collected_by_callgrind*")
        .arg(child::counts_program()?)
        .args([child::COUNTED, &name])
        // The environment must not change a count.
        .env_clear()
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr);
    collected(&report)
        .filter(|_| output.status.success())
        .ok_or_else(|| io::Error::other(format!("`{name}` under valgrind: {report}")))
}

/// `Collected : <instructions> <bus events>`; no second number if there was none of them.
fn collected(report: &str) -> Option<Counts> {
    let line = report
        .lines()
        .find_map(|line| Some(line.split_once("Collected :")?.1))?;
    let mut numbers = line.split_whitespace().map(str::parse::<f64>);
    let instructions = numbers.next()?.ok()?;
    let locked = numbers.next().transpose().ok()?.unwrap_or(0.0);
    let times = f64::from(TIMES);
    Some(Counts {
        instructions: instructions / times,
        locked: locked / times,
    })
}
