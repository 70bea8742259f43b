use std::future::{Ready, ready};

/// Like the response of actix-web, which is a future, too.
#[propagate_context]
pub async fn response(n: u32) -> Ready<u32> {
    ready(n)
}

#[propagate_context]
pub async fn in_another_type(n: u32) -> Option<Ready<u32>> {
    async { n }.await.checked_sub(1).map(ready)
}

#[propagate_context]
pub async fn after_a_block(n: u32) -> Ready<u32> {
    let n = async { n }.await;
    ready(n)
}

#[propagate_context]
pub async fn of_a_block(n: u32) -> impl std::future::Future<Output = u32> {
    async move { n }
}

#[propagate_context]
pub async fn boxed(n: u32) -> std::pin::Pin<Box<dyn std::future::Future<Output = u32>>> {
    Box::pin(async move { n })
}

/// The user's own block.
#[propagate_context]
#[allow(clippy::let_and_return)]
pub async fn own(n: u32) -> Ready<u32> {
    let made = async { ready(n) };
    let made = made.await;
    made
}

pub fn run() {
    let n = crate::support::block_on(async { response(1).await.await });
    crate::support::log(format!("{}", n));
}
