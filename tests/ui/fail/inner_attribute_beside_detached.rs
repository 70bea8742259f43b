use propagate_context::propagate_context;

#[propagate_context]
fn f() {
    let job = #[propagate_context]
    #[detached]
    move || 1;
    job();
}

fn main() {}
