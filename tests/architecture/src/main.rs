//! Prints the violations: `cargo run -q -p propagate-context-architecture`, in the root of the repository.

use std::path::Path;
use std::process::ExitCode;

use propagate_context_architecture::{BENCHES, MACROS, RUNTIME, check};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut clean = true;
    for plan in [RUNTIME, MACROS, BENCHES] {
        match check(&root, &plan) {
            Ok(report) => {
                print!("== {}\n{report}", plan.folder);
                clean &= report.is_clean();
            }
            Err(error) => {
                eprintln!("{error}");
                clean = false;
            }
        }
    }
    if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
