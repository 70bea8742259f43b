use propagate_context::context_entry;

#[context_entry]
fn handler(n: u64) {}

fn main() {}
