//@ wrong
#[propagate_context]
pub async fn f() {
    tokio::spawn(async {
        let n: u32 = "text";
    });
}
