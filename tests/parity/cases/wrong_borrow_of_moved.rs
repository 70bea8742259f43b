//@ wrong
//@ moved E0382: without the hint to clone an argument
#[propagate_context]
pub async fn f(text: String) -> usize {
    drop(text);
    text.len()
}
