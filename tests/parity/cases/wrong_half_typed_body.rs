//@ wrong
#[propagate_context]
pub async fn f(text: String) -> usize {
    text.
}

pub async fn uses() -> usize {
    f(String::new()).await
}
