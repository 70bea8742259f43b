#[propagate_context]
pub async fn measure() -> impl Fn(&str) -> usize {
    |text| text.len()
}

#[propagate_context]
pub async fn both(more: usize) -> (impl Fn(&str) -> usize, usize) {
    (move |text| text.len() + more, 1)
}

#[propagate_context]
pub async fn tried(more: usize) -> Result<impl FnOnce(&str) -> usize, String> {
    if more > 3 {
        return Err(String::new());
    }
    Ok(move |text: &str| more + text.len())
}

pub fn run() {
    let sum = crate::support::block_on(async {
        let both = both(1).await;
        measure().await("abc") + both.0("de") + both.1 + (tried(2).await.unwrap())("f")
    });
    crate::support::log(format!("{}", sum));
}
