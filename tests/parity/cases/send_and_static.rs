fn assert_send<T: Send + 'static>(t: T) -> T {
    t
}

fn assert_unpin<T: Unpin>(_: &T) {}

#[propagate_context]
pub async fn sends(text: String, list: Vec<u8>) -> usize {
    crate::support::suspend().await;
    text.len() + list.len()
}

#[propagate_context]
pub fn unpins() -> impl std::future::Future<Output = u32> + Unpin {
    std::future::ready(1)
}

pub fn run() {
    let future = assert_send(sends(String::from("a"), vec![1]));
    assert_unpin(&unpins());
    crate::support::log(crate::support::block_on(future).to_string());
}
