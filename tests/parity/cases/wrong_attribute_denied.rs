//@ wrong
#![deny(unused_variables)]

#[propagate_context]
pub async fn f(n: u32) {
    let m = 1;
}
