//@ wrong
#[propagate_context]
pub async fn f(text: String) -> &'static str {
    text.as_str()
}
