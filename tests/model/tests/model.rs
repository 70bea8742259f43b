//! The runtime and the model see the same in ten thousand random programs.
//!
//! `MODEL_PROGRAMS=100000 cargo test --release -p propagate-context-model` is the long run, `MODEL_SEED=17` runs one
//! program and prints it; `MODEL_WITHOUT=Message,Batch` skips the programs that contain these words.

use propagate_context_model::program::Program;
use propagate_context_model::{compare, generate, shrink};

/// Seeds of programs that once revealed a fault.
const FOUND: &[u64] = &[];

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .and_then(|value| value.parse().ok())
}

#[test]
fn programs_do_what_the_rules_say() {
    if let Some(seed) = number("MODEL_SEED") {
        println!("{}", generate::program(seed));
        return judge(seed);
    }
    let count = number("MODEL_PROGRAMS").unwrap_or(10_000);
    FOUND.iter().copied().for_each(judge);
    let first = number("MODEL_FIRST").unwrap_or(0);
    (first..first + count).for_each(judge);
    println!("{count} programs: 0 differences");
}

fn judge(seed: u64) {
    let program = generate::program(seed);
    let without = std::env::var("MODEL_WITHOUT").unwrap_or_default();
    let text = format!("{program:?}");
    if without
        .split(',')
        .any(|word| !word.is_empty() && text.contains(word))
    {
        return;
    }
    if compare(&program).is_err() {
        let program = shrink::shrink(program, |program: &Program| compare(program).is_err());
        let difference = compare(&program).expect_err("it was wrong just now");
        panic!("seed {seed}, shrunk:\n{program}\n{difference}");
    }
}
