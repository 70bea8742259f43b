#[propagate_context]
pub async fn detaches() -> u32 {
    #[detached]
    let handle = tokio::spawn(async { 1 });
    let other = #[detached]
    std::thread::spawn(|| 2);
    handle.await.unwrap_or_default() + other.join().unwrap_or_default()
}

pub fn run() {
    crate::support::log(crate::support::in_runtime(detaches()).to_string());
}
