//@ wrong
pub mod inner {
    #[propagate_context]
    async fn f() {}
}

pub async fn g() {
    inner::f().await;
}
