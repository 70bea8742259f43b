//! The report at the end of a program.

use super::store::report;

/// Writes the [report](report()) to standard error when it is dropped, if a line was without context: for the end of
/// `main`.
pub fn summary() -> Summary {
    Summary(())
}

/// Made by [`summary`].
#[derive(Debug)]
#[must_use = "the report is written where this is dropped"]
pub struct Summary(());

impl Drop for Summary {
    fn drop(&mut self) {
        let report = report();
        if report.lost().next().is_some() {
            eprint!("{report}");
        }
    }
}
