//! Prints the instructions of every case.

use propagate_context_benches::{callgrind, cases};

fn main() -> std::io::Result<()> {
    if callgrind::ran_a_case() {
        return Ok(());
    }
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for case in cases().into_iter().filter(|case| case.counted) {
        let name = case.name();
        if name.contains(&wanted) {
            println!("{name:<30} {:>10.1}", callgrind::instructions(&name)?);
        }
    }
    Ok(())
}
