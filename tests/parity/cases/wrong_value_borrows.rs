//@ wrong
async fn length(text: &str) -> usize {
    text.len()
}

#[propagate_context]
pub async fn f(set: &mut tokio::task::JoinSet<usize>) {
    let text = String::from("a");
    set.spawn(length(&text));
}
