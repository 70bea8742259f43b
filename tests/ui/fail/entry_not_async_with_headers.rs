use propagate_context::context_entry;

#[context_entry]
fn handler(headers: HeaderMap) {}

struct HeaderMap;

fn main() {}
