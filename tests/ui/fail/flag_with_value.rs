use propagate_context::propagate_context;

#[propagate_context(detached = true)]
async fn f() {}

fn main() {
    let _ = f();
}
