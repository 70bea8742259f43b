use propagate_context::context_entry;

#[context_entry(required, generate = none)]
async fn handler() {}

fn main() {}
