use propagate_context::context_entry;

#[context_entry(header = "X Request ID")]
async fn handler() {}

fn main() {}
