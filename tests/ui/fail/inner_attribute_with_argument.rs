use propagate_context::propagate_context;

#[propagate_context]
fn f() {
    let _ = #[propagate_context(skip_fn)] || 1;
}

fn main() {
    let _ = f();
}
