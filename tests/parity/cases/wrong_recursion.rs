//@ wrong
//@ moved E0733: at the body, which is the part that recurs
#[propagate_context]
pub async fn f(n: u32) -> u32 {
    if n == 0 { 0 } else { f(n - 1).await }
}
