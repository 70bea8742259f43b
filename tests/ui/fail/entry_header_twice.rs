use propagate_context::context_entry;

#[context_entry(header = "X-Request-ID", header = "X-Correlation-ID")]
async fn handler() {}

fn main() {}
