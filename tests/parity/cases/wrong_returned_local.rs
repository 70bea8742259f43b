//@ wrong
#[propagate_context]
pub async fn f() -> &'static str {
    let text = String::new();
    &text
}
