use propagate_context::context_entry;

#[context_entry(echo)]
async fn handler() {}

fn main() {}
