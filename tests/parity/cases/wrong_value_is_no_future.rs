//@ wrong
#[propagate_context]
pub async fn f(set: &mut tokio::task::JoinSet<()>, text: String) {
    set.spawn(text);
}
