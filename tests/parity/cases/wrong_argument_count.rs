//@ wrong
#[propagate_context]
pub async fn f(n: u32, (a, b): (u32, u32)) -> u32 {
    n + a + b
}

pub async fn g() -> u32 {
    f(1).await
}
