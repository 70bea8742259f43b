use propagate_context::propagate_context;

#[propagate_context(crate = "not a path")]
async fn f() {}

fn main() {
    let _ = f();
}
