#[propagate_context]
pub async fn arguments(a: u32, mut b: u32, (c, mut d): (u32, u32), [e, f]: [u32; 2]) {
    let local = 1;
    let mut changed = 1;
    changed = 2;
}

#[propagate_context]
pub fn sync(a: u32, mut b: u32, (c, mut d): (u32, u32)) {
    let local = 1;
}
