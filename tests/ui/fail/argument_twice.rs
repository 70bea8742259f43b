use propagate_context::propagate_context;

#[propagate_context(detached, span, detached)]
async fn f() {}

fn main() {
    let _ = f();
}
