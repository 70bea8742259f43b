//! The same as in `model.rs` with variables that have no inline place in the table of a scope, since others were used
//! before them: their values are in a tree that snapshots share, with the latest writes in front of it.
//!
//! A separate file, since the order of the variables is fixed for the whole process.

use propagate_context::{Context, ContextVar};
use propagate_context_model::{compare, generate};

/// As many as have an inline place.
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
