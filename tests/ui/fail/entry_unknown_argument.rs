use propagate_context::context_entry;

#[context_entry(headers = "X-Request-ID")]
async fn handler() {}

fn main() {}
