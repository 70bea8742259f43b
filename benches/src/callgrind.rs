//! Instructions by callgrind: they are the same at every run, so a gate can compare them.
//!
//! A harness of our own, since the one that everybody uses takes longer to build than the gate may run. A case is run
//! in a process of its own, which is this same program under valgrind.

use std::env;
use std::io;
use std::process::Command;

use crate::{Run, cases};

/// How often the operation runs in one measurement.
const TIMES: u32 = 1_000;
/// The argument that makes a program run one case instead of its own work.
const ARGUMENT: &str = "--run-case";

/// To be called first in `main` of every program that counts: runs the one case that [`instructions`] asks for.
///
/// Returns whether it did; then there is nothing else to do.
///
/// # Panics
///
/// Where there is no such case.
#[must_use]
pub fn ran_a_case() -> bool {
    let mut arguments = env::args().skip(1);
    if arguments.next().as_deref() != Some(ARGUMENT) {
        return false;
    }
    let name = arguments.next().unwrap_or_default();
    let case = cases().into_iter().find(|case| case.name() == name);
    let mut run = case.expect("no case of that name").prepare();
    // What happens once in a process is not what an operation costs.
    run(TIMES);
    collected_by_callgrind(&mut run);
    true
}

/// Callgrind collects from the entry into this function to its return: it is known there by its name.
#[inline(never)]
fn collected_by_callgrind(run: &mut Run) {
    run(TIMES);
}

/// The instructions of one operation.
///
/// # Errors
///
/// Where valgrind is missing, or says something else than how much it collected.
pub fn instructions(case: &str) -> io::Result<f64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=*collected_by_callgrind*")
        .arg(env::current_exe()?)
        .args([ARGUMENT, case])
        // Fixed: hash seeds and addresses aside, nothing of the surroundings may change a count.
        .env_clear()
        .output()?;
    let report = String::from_utf8_lossy(&output.stderr);
    report
        .lines()
        .find_map(|line| line.split_once("Collected :")?.1.trim().parse::<f64>().ok())
        .filter(|_| output.status.success())
        .map(|collected| collected / f64::from(TIMES))
        .ok_or_else(|| io::Error::other(format!("`{case}` under valgrind: {report}")))
}
