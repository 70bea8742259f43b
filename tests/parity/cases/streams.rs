use futures::{Stream, StreamExt};

#[propagate_context]
pub fn opaque(n: u32) -> impl Stream<Item = u32> + Send {
    let start = n;
    futures::stream::iter(start..start + 3)
}

#[propagate_context]
pub async fn in_async(n: u32) -> impl Stream<Item = u32> {
    futures::stream::iter(0..n)
}

#[propagate_context]
pub fn boxed<'a>(text: &'a str) -> futures::stream::BoxStream<'a, char> {
    futures::stream::iter(text.chars()).boxed()
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{:?}", block_on(opaque(1).collect::<Vec<_>>())));
    log(format!("{:?}", block_on(async { in_async(2).await.collect::<Vec<_>>().await })));
    log(block_on(boxed("abc").collect::<String>()));
}
