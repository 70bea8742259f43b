use propagate_context::propagate_context;

#[propagate_context]
fn f() -> Vec<u32> {
    let more = 1;
    [1, 2].into_iter().map(#[propagate_context] |n: u32| n + more).collect()
}

fn main() {
    let _ = f();
}
