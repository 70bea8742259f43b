#![warn(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
#![warn(clippy::arithmetic_side_effects, clippy::shadow_unrelated, clippy::shadow_reuse)]

#[propagate_context]
pub async fn restricted(text: &str, list: &[u32]) -> u32 {
    let n = list[0] + 1;
    let text = text.parse::<u32>().unwrap();
    n + text
}

#[propagate_context]
pub fn restricted_sync(list: &[u32]) -> u32 {
    let handle = std::thread::spawn(|| 1);
    handle.join().expect("joined") + list[0]
}
