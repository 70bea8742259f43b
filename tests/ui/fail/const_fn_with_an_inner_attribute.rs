use propagate_context::propagate_context;

#[propagate_context]
const fn f() -> impl Fn() -> u32 {
    #[propagate_context]
    || 1
}

fn main() {
    let _ = f();
}
