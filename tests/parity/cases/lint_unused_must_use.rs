#[propagate_context]
pub async fn drops(list: Vec<u32>) {
    list.iter().map(|n| n + 1);
    crate::support::suspend();
    Err::<u32, u32>(1);
    std::thread::spawn(|| Ok::<u32, u32>(1));
    tokio::spawn(async { 1 });
    async { 1 };
}
