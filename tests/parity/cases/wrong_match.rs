//@ wrong
#[propagate_context]
pub async fn f(n: Option<u32>) -> u32 {
    match n {
        Some(n) => n,
    }
}
