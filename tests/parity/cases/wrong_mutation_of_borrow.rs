//@ wrong
#[propagate_context]
pub async fn f(list: &Vec<u32>) {
    list.push(1);
}
