use propagate_context::context_entry;

#[context_entry(layer, carrier = message)]
async fn handler(message: Vec<(String, String)>) {}

fn main() {}
