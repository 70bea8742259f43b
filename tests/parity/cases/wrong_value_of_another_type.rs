//@ wrong
async fn job() -> u32 {
    1
}

#[propagate_context]
pub async fn f(set: &mut tokio::task::JoinSet<String>) {
    set.spawn(job());
}
