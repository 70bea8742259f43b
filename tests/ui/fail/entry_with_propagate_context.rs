use propagate_context::{context_entry, propagate_context};

#[context_entry]
#[propagate_context]
async fn handler() {}

fn main() {}
