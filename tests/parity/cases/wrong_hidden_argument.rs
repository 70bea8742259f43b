//@ wrong
#[propagate_context]
pub async fn f((a, _): (u32, u32)) -> u32 {
    a + __arg0
}
