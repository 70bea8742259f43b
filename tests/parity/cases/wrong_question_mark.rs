//@ wrong
#[propagate_context]
pub async fn f(text: &str) -> Result<u32, String> {
    let n: u32 = text.parse()?;
    Ok(n)
}
