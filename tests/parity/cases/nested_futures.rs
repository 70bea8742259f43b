#[propagate_context]
pub async fn outer(n: u32) -> u32 {
    let inner = async move {
        let deeper = async { n + 1 };
        deeper.await + 1
    };
    let closure = |m: u32| async move { m + 1 };
    let (a, b) = tokio::join!(inner, closure(n));
    futures::future::join_all((0..3).map(|i| middle(i))).await.len() as u32 + a + b
}

#[propagate_context]
async fn middle(n: u32) -> u32 {
    crate::support::suspend().await;
    n
}

pub fn run() {
    crate::support::log(crate::support::block_on(outer(1)).to_string());
}
