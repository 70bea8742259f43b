use propagate_context::context_entry;

#[context_entry(carrier = message)]
async fn handler(message: Vec<(String, String)>) -> u64 {
    if message.is_empty() {
        return "none";
    }
    message.len()
}

fn main() {}
