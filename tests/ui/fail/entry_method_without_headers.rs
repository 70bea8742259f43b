use propagate_context::context_entry;

struct Shop;

impl Shop {
    #[context_entry]
    async fn order(&self, n: u64) {}
}

fn main() {}
