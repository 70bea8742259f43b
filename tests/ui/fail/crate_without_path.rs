use propagate_context::propagate_context;

#[propagate_context(crate = 3)]
async fn f() {}

fn main() {
    let _ = f();
}
