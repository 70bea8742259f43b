//@ wrong
//@ moved E0005: the hint, which makes no sense for an argument, is elsewhere
#[propagate_context]
pub async fn f(Some(n): Option<u32>) -> u32 {
    n
}
