//@ wrong
#[propagate_context]
pub async fn f() -> u32 {
    let n: String = tokio::spawn(async { 1 }).await.unwrap();
    n.len() as u32
}
