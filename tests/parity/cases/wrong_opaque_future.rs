//@ wrong
use std::future::Future;

#[propagate_context]
pub fn f() -> impl Future<Output = u32> {
    async { "text" }
}
