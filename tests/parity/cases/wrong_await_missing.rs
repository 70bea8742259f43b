//@ wrong
#[propagate_context]
pub async fn f() -> u32 {
    1
}

pub async fn g() -> u32 {
    f()
}
