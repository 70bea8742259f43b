use std::sync::Mutex;

#[propagate_context]
pub async fn holds(mutex: &Mutex<u32>) -> u32 {
    let guard = mutex.lock().unwrap();
    crate::support::suspend().await;
    *guard
}
