use propagate_context::propagate_context;

#[propagate_context(header = "X-Request-ID")]
async fn f() {}

fn main() {
    let _ = f();
}
