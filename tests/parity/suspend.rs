//! What wrong cases need, which are many: it loads no other crate.
#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::nursery, warnings)]

/// Suspends once.
pub async fn suspend() {
    let mut polled = false;
    std::future::poll_fn(|cx| {
        if polled {
            return std::task::Poll::Ready(());
        }
        polled = true;
        cx.waker().wake_by_ref();
        std::task::Poll::Pending
    })
    .await;
}
