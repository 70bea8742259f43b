//@ wrong
#[propagate_context]
pub async fn f() {
    break;
}
