//@ wrong
#[propagate_context]
pub async fn f(set: &mut tokio::task::JoinSet<usize>) {
    set.spawn(missing());
    set.spawn(unknown);
    set.spawn(set.nothing());
}
