//@ wrong
async fn job(n: u32) -> u32 {
    n
}

#[propagate_context]
pub async fn f(set: &mut tokio::task::JoinSet<u32>) {
    set.spawn(job("a"));
    set.spawn(job());
    set.spawn(job(1), 2);
}
