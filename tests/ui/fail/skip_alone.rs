use propagate_context::propagate_context;

#[propagate_context(skip)]
async fn f() {}

fn main() {
    let _ = f();
}
