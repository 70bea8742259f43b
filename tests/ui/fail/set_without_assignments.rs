use propagate_context::propagate_context;

#[propagate_context(set = 1)]
async fn f() {}

fn main() {
    let _ = f();
}
