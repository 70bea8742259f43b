//@ edition 2021
use std::thread;
use tokio::task::JoinSet;

#[propagate_context]
pub async fn spawns(n: u32) -> u32 {
    let text = String::from("abc");
    let a = tokio::spawn(async move { n + 1 }).await.unwrap_or_default();
    let b = tokio::task::spawn_blocking(move || n + 2).await.unwrap_or_default();
    let c = thread::spawn(move || {
        let m = n + 3;
        m
    })
    .join()
    .unwrap_or_default();
    let mut set = JoinSet::new();
    set.spawn(async move { n });
    set.spawn_blocking(move || n);
    let mut sum = a + b + c;
    while let Some(Ok(n)) = set.join_next().await {
        sum += n;
    }
    let d = thread::scope(|scope| scope.spawn(|| text.len()).join().unwrap_or_default());
    let e = rayon::join(|| text.len(), || n);
    sum + u32::try_from(d + e.0).unwrap_or_default() + e.1
}

pub fn run() {
    crate::support::log(crate::support::in_runtime(spawns(1)).to_string());
}
