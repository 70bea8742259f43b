use propagate_context::propagate_context;

#[propagate_context(skip_fn, detached)]
async fn f() {}

fn main() {
    let _ = f();
}
