use propagate_context::propagate_context;

#[propagate_context(spawn(jobs::run()))]
fn f() {}

fn main() {}
