use propagate_context::propagate_context;

static ID: propagate_context::ContextVar<u32> = propagate_context::ContextVar::new("id");

#[propagate_context]
fn f() {
    let job = #[propagate_context(set(ID = 3))]
    move || ID.get();
    job();
}

fn main() {}
