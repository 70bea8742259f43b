use std::future::Future;
use std::pin::Pin;

#[propagate_context]
pub fn opaque(n: u32) -> impl Future<Output = u32> {
    let m = n + 1;
    async move { n + m }
}

#[propagate_context]
pub fn opaque_send(n: u32) -> impl Future<Output = u32> + Send + 'static {
    async move { n }
}

#[propagate_context]
pub fn early(n: u32) -> impl Future<Output = u32> {
    if n == 0 {
        return std::future::ready(1);
    }
    std::future::ready(n)
}

#[propagate_context]
pub fn boxed(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    let m = n + 1;
    Box::pin(async move { n + m })
}

#[propagate_context]
pub fn boxed_early(n: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    if n == 0 {
        return Box::pin(async { 1 });
    }
    match n {
        1 => Box::pin(async { 2 }),
        _ => Box::pin(std::future::ready(n)),
    }
}

#[propagate_context]
pub fn by_method<'a>(text: &'a str) -> futures::future::BoxFuture<'a, usize> {
    use futures::FutureExt;
    async move { text.len() }.boxed()
}

#[propagate_context]
pub fn nested(n: u32) -> Result<impl Future<Output = u32>, String> {
    Ok(async move { n })
}

#[propagate_context]
pub fn stream(n: u32) -> impl futures::Stream<Item = u32> {
    async_stream::stream! {
        for i in 0..n {
            yield i;
        }
    }
}

pub fn run() {
    use crate::support::{block_on, log};
    use futures::StreamExt;
    log(format!("{} {} {}", block_on(opaque(1)), block_on(opaque_send(2)), block_on(early(0))));
    log(format!("{} {} {}", block_on(boxed(1)), block_on(boxed_early(0)), block_on(boxed_early(1))));
    log(format!("{} {}", block_on(by_method("four")), block_on(nested(3).unwrap())));
    log(format!("{:?}", block_on(stream(3).collect::<Vec<_>>())));
}
