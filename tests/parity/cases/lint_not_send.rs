use std::rc::Rc;

#[propagate_context]
pub async fn not_send(rc: Rc<u32>) -> u32 {
    crate::support::suspend().await;
    *rc
}

#[propagate_context]
pub async fn generic<T: Clone>(t: T) -> T {
    crate::support::suspend().await;
    t.clone()
}
