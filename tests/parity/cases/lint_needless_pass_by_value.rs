#[propagate_context]
pub async fn asynchronous(text: String, list: Vec<u32>) -> usize {
    text.len() + list.len()
}

#[propagate_context]
pub fn sync(text: String, list: Vec<u32>) -> usize {
    text.len() + list.len()
}
