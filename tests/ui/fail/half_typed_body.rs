//! The item is kept, so what uses it is no second error.

use propagate_context::propagate_context;

#[propagate_context]
async fn f(text: String) -> usize {
    std::thread::spawn(|| 1);
    text.
}

fn main() {
    let _ = f(String::new());
}
