//@ wrong
#[propagate_context]
pub async fn f() -> u32 {
    unknown + 1
}
