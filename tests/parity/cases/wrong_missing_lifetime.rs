//@ wrong
#[propagate_context]
pub async fn f(a: &str, b: &str) -> &str {
    a
}
