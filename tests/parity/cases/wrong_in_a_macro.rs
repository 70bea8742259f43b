//@ wrong
#[propagate_context]
pub async fn f() {
    let _ = vec![tokio::spawn(async { unknown })];
}
