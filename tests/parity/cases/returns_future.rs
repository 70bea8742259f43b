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

pub struct Counter {
    count: u32,
}

fn read(counter: &mut Counter, add: u32) -> impl Future<Output = u32> + '_ {
    counter.count += add;
    std::future::ready(counter.count)
}

impl Counter {
    #[propagate_context]
    pub fn early_with_self(&mut self, stop: bool) -> impl Future<Output = u32> + '_ {
        if stop {
            self.count = 0;
            return read(self, 1);
        }
        read(self, 2)
    }

    #[propagate_context]
    pub fn return_in_a_closure(&mut self, list: &[u32]) -> impl Future<Output = u32> + '_ {
        let add = list.iter().map(|n| if *n > 3 { return 1 } else { 0 }).sum();
        read(self, add)
    }

    #[propagate_context]
    pub fn return_in_an_argument(&mut self, n: Option<u32>) -> impl Future<Output = u32> + '_ {
        let add = u32::max(1, if let Some(n) = n { n } else { return read(self, 3) });
        read(self, add)
    }
}

#[propagate_context]
#[track_caller]
pub fn tracked(early: bool) -> impl Future<Output = u32> {
    let line = std::panic::Location::caller().line();
    if early {
        return std::future::ready(line);
    }
    std::future::ready(line + 1)
}

#[propagate_context]
pub fn boxed_values(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    let later = async move { n };
    if n == 0 {
        return Box::pin(opaque_send(7));
    }
    Box::pin(later)
}

#[propagate_context]
pub fn boxed_by_method(n: u32) -> futures::future::BoxFuture<'static, u32> {
    use futures::FutureExt;
    opaque_send(n).boxed()
}

pub struct Ticket(u32);

impl Future for Ticket {
    type Output = u32;

    fn poll(self: Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<u32> {
        std::task::Poll::Ready(self.0)
    }
}

impl Ticket {
    fn again(self: Pin<Box<Self>>) -> std::future::Ready<u32> {
        std::future::ready(self.0)
    }
}

#[propagate_context]
pub fn boxed_for_a_method(n: u32) -> futures::future::BoxFuture<'static, u32> {
    use futures::FutureExt;
    Box::pin(Ticket(n)).again().boxed()
}

#[propagate_context]
pub fn boxed_stream(n: u32) -> futures::stream::BoxStream<'static, u32> {
    Box::pin(async_stream::stream! {
        yield n;
    })
}

pub fn run() {
    use crate::support::{block_on, log};
    use futures::StreamExt;
    log(format!("{} {} {}", block_on(opaque(1)), block_on(opaque_send(2)), block_on(early(0))));
    log(format!("{} {} {}", block_on(boxed(1)), block_on(boxed_early(0)), block_on(boxed_early(1))));
    log(format!("{} {}", block_on(by_method("four")), block_on(nested(3).unwrap())));
    let mut counter = Counter { count: 1 };
    log(format!("{} {}", block_on(counter.early_with_self(true)), block_on(counter.early_with_self(false))));
    log(format!("{}", block_on(counter.return_in_a_closure(&[1, 4]))));
    log(format!("{}", block_on(counter.return_in_an_argument(None))));
    let first = line!();
    log(format!("{} {}", block_on(tracked(true)) - first, block_on(tracked(false)) - first));
    log(format!("{} {}", block_on(boxed_values(0)), block_on(boxed_by_method(2))));
    log(format!("{}", block_on(boxed_for_a_method(4))));
    log(format!("{:?}", block_on(boxed_stream(3).collect::<Vec<_>>())));
    log(format!("{:?}", block_on(stream(3).collect::<Vec<_>>())));
}
