use propagate_context::propagate_context;

#[propagate_context]
struct Order {
    id: u32,
}

fn f() -> Order {
    Order { id: 1 }
}

fn main() {
    let _ = f();
}
