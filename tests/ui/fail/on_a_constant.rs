use propagate_context::propagate_context;

#[propagate_context]
const LIMIT: usize = 3;

fn f() -> usize {
    LIMIT
}

fn main() {
    let _ = f();
}
