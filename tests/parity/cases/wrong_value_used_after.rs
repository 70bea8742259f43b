//@ wrong
async fn job() -> u32 {
    1
}

#[propagate_context]
pub async fn f(set: &mut tokio::task::JoinSet<u32>) {
    let future = job();
    set.spawn(future);
    let _ = future.await;
}
