#[deprecated]
pub struct Old;

#[deprecated]
pub fn old() -> u32 {
    1
}

#[propagate_context]
pub async fn uses(_: Old) -> Option<Old> {
    old();
    None
}
