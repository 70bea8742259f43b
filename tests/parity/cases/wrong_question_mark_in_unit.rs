//@ wrong
#[propagate_context]
pub async fn f(text: &str) {
    let _: u32 = text.parse()?;
}
