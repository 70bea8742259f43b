use crate::support::{in_runtime, log, Noisy};

#[propagate_context]
async fn spawned() {
    let a = Noisy("a");
    let b = Noisy("b");
    let handle = tokio::spawn(async move {
        let inner = Noisy("inner");
        a.touch()
    });
    handle.await.unwrap();
    log("first");
    tokio::task::spawn_blocking(move || {
        let inner = Noisy("inner");
        b.0.len()
    })
    .await
    .unwrap();
    log("second");
}

#[propagate_context]
fn never_run() {
    let a = Noisy("a");
    let job = #[propagate_context]
    move || a.touch();
    log("made");
    drop(job);
    log("dropped");
}

pub fn run() {
    in_runtime(spawned());
    never_run();
}
