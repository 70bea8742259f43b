//! The same as in `model.rs` with variables that have no place of their own in the table of a scope, since others were
//! used before them: what is written waits in front of a tree that snapshots share.
//!
//! A file of its own, as which variable comes first is decided once in a process.

use propagate_context::{Context, ContextVar};
use propagate_context_model::{compare, generate};

/// As many as have a place of their own.
static EARLIER: [ContextVar<u32>; 6] = [const { ContextVar::new("earlier") }; 6];

#[test]
fn programs_with_later_variables_do_what_the_rules_say() {
    let earlier = EARLIER.iter().fold(Context::empty(), |context, variable| {
        context.with(variable, 1)
    });
    assert!(!earlier.is_empty());
    let count = std::env::var("MODEL_PROGRAMS").ok();
    let count = count.and_then(|count| count.parse().ok()).unwrap_or(4_000);
    for seed in 0..count {
        let program = generate::program(seed);
        if let Err(difference) = compare(&program) {
            panic!("seed {seed}:\n{program}\n{difference}");
        }
    }
}
