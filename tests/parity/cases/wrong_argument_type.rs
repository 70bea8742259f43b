//@ wrong
#[propagate_context]
pub async fn f(n: u32) -> u32 {
    n
}

pub async fn g() -> u32 {
    f("text").await
}
