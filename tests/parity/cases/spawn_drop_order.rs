//@ moved clippy::future_not_send: without a written type it is one column further
use crate::support::{in_runtime, log, Noisy};

#[propagate_context]
fn threads() {
    let a = Noisy("a");
    let b = Noisy("b");
    let joined = std::thread::scope(|scope| {
        scope.spawn(|| a.0.len() + b.0.len()).join().unwrap()
    });
    log(joined.to_string());
}

#[propagate_context]
async fn tasks() {
    let (a, b) = (Noisy("a"), Noisy("b"));
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async move {
            let handle = tokio::task::spawn_local(async move {
                let b = b;
                crate::support::suspend().await;
                a.touch();
            });
            handle.await.unwrap();
            log("joined");
        })
        .await;
}

pub fn run() {
    threads();
    in_runtime(tasks());
}
