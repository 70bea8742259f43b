//@ wrong
#[propagate_context]
pub async fn f() -> u32 {
    let _ = 1;
}
