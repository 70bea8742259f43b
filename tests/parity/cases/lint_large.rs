#[propagate_context]
pub async fn large(list: [u8; 20_000]) -> u8 {
    crate::support::suspend().await;
    list[0]
}

#[propagate_context]
pub async fn calls() -> u8 {
    large([0; 20_000]).await
}

#[propagate_context]
pub fn on_the_stack() -> u8 {
    let list = [0_u8; 600_000];
    list[1]
}
