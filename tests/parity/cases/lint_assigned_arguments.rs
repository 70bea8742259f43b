#[propagate_context]
pub async fn overwritten(mut a: u32) -> u32 {
    a = 1;
    a
}

#[propagate_context]
pub async fn twice(mut a: u32) -> u32 {
    let b = a;
    a = 1;
    a = 2;
    a + b
}

#[propagate_context]
pub async fn unused(mut a: u32, b: u32) -> u32 {
    b
}
