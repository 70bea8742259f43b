//@ wrong
#[propagate_context]
pub fn f() {
    crate::support::suspend().await;
}
