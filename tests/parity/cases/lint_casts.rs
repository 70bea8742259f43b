#[propagate_context]
pub async fn casts(n: u64, m: i32) -> u8 {
    let a = n as u8;
    let b = m as u64;
    a + b as u8
}

#[propagate_context]
pub fn floats(a: f32) -> bool {
    a == 0.1
}
