use propagate_context::context_entry;

#[context_entry(carrier = message)]
const fn handler(message: u8) {}

fn main() {}
