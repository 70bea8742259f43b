use propagate_context::context_entry;

#[context_entry(generate = "uuid")]
async fn handler() {}

fn main() {}
