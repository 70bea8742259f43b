//@ wrong
#[propagate_context]
pub async fn f(mut list: Vec<u32>) {
    let first = &mut list;
    let second = &mut list;
    first.push(1);
    second.push(2);
}
