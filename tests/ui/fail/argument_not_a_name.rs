use propagate_context::propagate_context;

#[propagate_context("spawn")]
async fn f() {}

fn main() {
    let _ = f();
}
