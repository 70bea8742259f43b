//@ wrong
//@ moved E0308: without the hint to change the type
#[propagate_context]
pub async fn f() {
    1
}
