use propagate_context::propagate_context;

fn g() {}

#[propagate_context]
fn f() {
    #[propagate_context]
    g();
}

fn main() {
    let _ = f();
}
