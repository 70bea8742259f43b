#[propagate_context]
pub async fn NotSnake(BadName: u32) -> u32 {
    BadName
}

#[propagate_context]
pub fn alsoNot(similar: u32, similer: u32) -> u32 {
    similar + similer
}
