#[propagate_context]
pub async fn after_return() -> u32 {
    return 1;
    2
}

#[propagate_context]
pub fn after_panic() -> u32 {
    panic!();
    let n = 1;
    n
}

#[propagate_context]
pub async fn after_loop() {
    loop {}
    crate::support::suspend().await;
}
