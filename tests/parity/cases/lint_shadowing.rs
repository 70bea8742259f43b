#[propagate_context]
pub async fn shadows(n: u32) -> u32 {
    let n = n + 1;
    let n = n;
    let n = n.to_string();
    n.len() as u32
}
