#[propagate_context]
pub async fn nested() -> u32 {
    let outer = tokio::spawn(async {
        let inner = tokio::spawn(async {
            tokio::task::spawn_blocking(|| std::thread::spawn(|| 1).join().unwrap()).await.unwrap()
        });
        inner.await.unwrap() + 1
    });
    outer.await.unwrap() + 1
}

pub fn run() {
    crate::support::log(crate::support::in_runtime(nested()).to_string());
}
