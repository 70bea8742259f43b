use propagate_context::propagate_context;

fn start<T>(_: T) {}

#[propagate_context]
fn f() {
    #[detached]
    start(async {});
}

fn main() {
    let _ = f();
}
