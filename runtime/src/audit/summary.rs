//! Prints the report at the end of a program.

use super::store::report;

/// Returns a value that prints the [report](report()) to standard error when dropped, if any line was without context.
/// Create it at the start of `main`.
pub fn summary() -> Summary {
    Summary(())
}

/// Prints the report when dropped; made by [`summary`].
#[derive(Debug)]
#[must_use = "the report is written when this is dropped"]
pub struct Summary(());

impl Drop for Summary {
    fn drop(&mut self) {
        let report = report();
        if report.lost().next().is_some() {
            eprint!("{report}");
        }
    }
}
