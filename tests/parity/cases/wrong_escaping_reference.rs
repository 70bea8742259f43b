//@ wrong
#[propagate_context]
pub async fn f(text: &str) {
    tokio::spawn(async move { println!("{}", text) });
}
