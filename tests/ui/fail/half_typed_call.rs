//! What is spawned does not parse, and the compiler alone says so.

use propagate_context::propagate_context;

#[propagate_context]
async fn f() {
    std::thread::spawn(|| 1 +);
}

fn main() {
    let _ = f();
}
