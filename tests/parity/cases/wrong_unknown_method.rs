//@ wrong
#[propagate_context]
pub async fn f(text: String) -> usize {
    text.lenght()
}
