use propagate_context::propagate_context;

#[propagate_context]
#[propagate_context]
async fn f() {}

fn main() {
    let _ = f();
}
