use propagate_context::context_entry;

#[context_entry(carrier = message, required)]
async fn handler(message: Vec<(String, String)>) -> u64 {
    7
}

fn main() {}
