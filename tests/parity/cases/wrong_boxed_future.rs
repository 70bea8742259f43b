//@ wrong
use std::future::Future;
use std::pin::Pin;

#[propagate_context]
pub fn f() -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async { "text" })
}
