#[propagate_context]
pub async fn arguments(mut a: u32, (mut b, _): (u32, u32)) -> u32 {
    let mut local = 1;
    a + b + local
}

#[propagate_context]
pub fn sync(mut a: u32) -> u32 {
    let mut local = 1;
    a + local
}
