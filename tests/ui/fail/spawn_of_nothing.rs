use propagate_context::propagate_context;

#[propagate_context(spawn_blocking())]
async fn f() {}

fn main() {
    let _ = f();
}
