//! A `const fn` has no context to propagate, so it stays what it is.

use propagate_context::propagate_context;

struct Limits;

#[propagate_context]
impl Limits {
    const fn twice(n: usize) -> usize {
        n * 2
    }
}

const FOUR: usize = Limits::twice(2);

fn main() {
    assert_eq!([0; FOUR].len(), 4);
}
