//@ wrong
unsafe fn g() {}

#[propagate_context]
pub async fn f() {
    g();
}
