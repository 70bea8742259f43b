#[propagate_context]
pub async fn ignores(list: &mut Vec<u32>) {
    list.pop();
    list.len();
    std::thread::spawn(|| 1);
    tokio::task::spawn_blocking(|| 1);
}
