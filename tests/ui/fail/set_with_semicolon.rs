use propagate_context::propagate_context;

static ID: propagate_context::ContextVar<u32> = propagate_context::ContextVar::new("id");

#[propagate_context(set(ID = 1; ID = 2))]
fn f() {}

fn main() {}
