use std::future::Future;
use std::pin::Pin;

#[propagate_context]
pub async fn boxed(n: u32) -> u32 {
    if n == 0 {
        return 0;
    }
    1 + Box::pin(boxed(n - 1)).await
}

#[propagate_context]
pub fn returned(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    Box::pin(async move {
        if n == 0 { 0 } else { 1 + returned(n - 1).await }
    })
}

#[propagate_context]
pub async fn even(n: u32) -> bool {
    n == 0 || Box::pin(odd(n - 1)).await
}

#[propagate_context]
pub async fn odd(n: u32) -> bool {
    n != 0 && Box::pin(even(n - 1)).await
}

#[propagate_context]
pub fn sync(n: u32) -> u32 {
    if n == 0 { 0 } else { 1 + sync(n - 1) }
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{} {} {} {}", block_on(boxed(5)), block_on(returned(5)), block_on(even(5)), sync(5)));
}
