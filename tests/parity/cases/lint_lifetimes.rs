//@ moved clippy::needless_lifetimes: it proposes a replacement, as for any function that is not async
use std::cell::{Ref, RefCell};

#[propagate_context]
pub async fn needless<'a>(text: &'a str) -> usize {
    text.len()
}

#[propagate_context]
pub async fn hidden(cell: &RefCell<u32>) -> Ref<u32> {
    cell.borrow()
}

#[propagate_context]
pub fn needless_sync<'a>(text: &'a str) -> &'a str {
    text
}

#[propagate_context]
pub async fn unused<'a, T>(n: u32) -> u32 {
    n
}
