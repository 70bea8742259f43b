use propagate_context::propagate_context;

#[propagate_context]
fn f() {
    #[detached(now)]
    std::thread::spawn(|| {});
}

fn main() {
    let _ = f();
}
