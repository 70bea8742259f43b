//! Prints the instructions and the locked operations of the cases that have the argument in their name.
//!
//! The other programs start it for each case, to count and to time: it has no counting allocator.

use propagate_context_benches::{callgrind, cases, part};

fn main() -> std::io::Result<()> {
    if part::did_its_part() {
        return Ok(());
    }
    let wanted = std::env::args().nth(1).unwrap_or_default();
    println!("{:<40} {:>12} {:>7}", "case", "instructions", "locked");
    for case in cases().into_iter().filter(|case| case.counted) {
        let name = case.name();
        if name.contains(&wanted) {
            let counts = callgrind::counts(&case)?;
            println!(
                "{name:<40} {:>12.1} {:>7.2}",
                counts.instructions, counts.locked
            );
        }
    }
    Ok(())
}
