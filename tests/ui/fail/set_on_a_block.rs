use propagate_context::propagate_context;

static ID: propagate_context::ContextVar<u32> = propagate_context::ContextVar::new("id");

struct Shop;

#[propagate_context(set(ID = 1))]
impl Shop {
    async fn f(&self) {}
}

fn main() {
    let _ = Shop.f();
}
