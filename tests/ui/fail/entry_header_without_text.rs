use propagate_context::context_entry;

#[context_entry(header = X_REQUEST_ID)]
async fn handler() {}

fn main() {}
