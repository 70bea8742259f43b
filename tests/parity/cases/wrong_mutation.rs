//@ wrong
#[propagate_context]
pub async fn f(n: u32) -> u32 {
    n += 1;
    n
}
