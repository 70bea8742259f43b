use propagate_context::context_entry;

#[context_entry]
struct Handler;

fn main() {
    let _ = Handler;
}
