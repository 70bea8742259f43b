//@ wrong
#[propagate_context]
pub async fn f() {
    let text = String::new();
    tokio::spawn(async { println!("{}", text) });
}
