#[propagate_context]
pub async fn redundant() -> u32 {
    let future = async { inner().await };
    future.await
}

#[propagate_context]
pub async fn inner() -> u32 {
    tokio::spawn(async { inner2().await }).await.unwrap_or_default()
}

async fn inner2() -> u32 {
    crate::support::suspend().await;
    1
}
