use std::collections::HashMap;

#[propagate_context]
pub async fn qualified() -> std::collections::HashMap<u32, u32> {
    std::collections::HashMap::new()
}

#[propagate_context]
pub fn sync() -> HashMap<u32, u32> {
    std::collections::HashMap::new()
}
