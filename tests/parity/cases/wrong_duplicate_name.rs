//@ wrong
#[propagate_context]
pub async fn f() {}

#[propagate_context]
pub async fn f() {}
