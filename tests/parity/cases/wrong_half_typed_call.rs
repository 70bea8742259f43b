//@ wrong
#[propagate_context]
pub async fn f() {
    std::thread::spawn(|| 1 +);
}

pub async fn uses() {
    f().await;
}
