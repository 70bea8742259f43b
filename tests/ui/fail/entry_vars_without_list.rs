use propagate_context::context_entry;

#[context_entry(vars = TENANT)]
async fn handler() {}

fn main() {}
