use propagate_context::context_entry;

#[context_entry(required, trust = false)]
async fn handler() {}

fn main() {}
