use propagate_context::context_entry;

#[context_entry(detached)]
async fn handler() {}

fn main() {}
