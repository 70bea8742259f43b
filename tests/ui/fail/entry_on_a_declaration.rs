use propagate_context::context_entry;

trait Handler {
    #[context_entry]
    async fn handle(&self);
}

fn main() {}
