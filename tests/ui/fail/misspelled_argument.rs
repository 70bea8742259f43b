use propagate_context::propagate_context;

#[propagate_context(spwan(job))]
async fn f() {}

fn main() {
    let _ = f();
}
