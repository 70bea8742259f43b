use std::future::{Ready, ready};

/// Like the response of actix-web, which is a future, too.
#[propagate_context]
pub async fn response(n: u32) -> Ready<u32> {
    ready(n)
}

pub fn run() {
    let n = crate::support::block_on(async { response(1).await.await });
    crate::support::log(format!("{}", n));
}
