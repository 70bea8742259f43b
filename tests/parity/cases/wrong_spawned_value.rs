//@ wrong
#[propagate_context]
pub async fn f() {
    tokio::spawn(5);
}
