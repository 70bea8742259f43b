use std::future::Future;
use std::pin::Pin;

type Boxed = Pin<Box<dyn Future<Output = u32> + Send>>;

async fn job(n: u32) -> u32 {
    n
}

#[propagate_context]
pub fn result(text: &str) -> Result<Pin<Box<dyn Future<Output = u32> + Send>>, std::num::ParseIntError> {
    let n = text.parse()?;
    Ok(Box::pin(job(n)))
}

#[propagate_context]
pub fn option(n: u32) -> Option<impl Future<Output = u32>> {
    if n == 0 {
        return None;
    }
    Some(async move { n })
}

#[propagate_context]
pub fn both(n: u32) -> (impl Future<Output = u32>, Pin<Box<dyn Future<Output = u32> + Send>>) {
    (async move { n }, Box::pin(std::future::ready(n)))
}

#[propagate_context]
pub fn array(n: u32) -> [Pin<Box<dyn Future<Output = u32>>>; 2] {
    [Box::pin(job(n)), Box::pin(async move { n })]
}

#[propagate_context]
pub fn list(n: u32) -> Vec<Pin<Box<dyn Future<Output = u32>>>> {
    vec![Box::pin(job(n)), Box::pin(async move { n })]
}

#[propagate_context]
pub fn variable(n: u32) -> Pin<Box<dyn Future<Output = u32> + Send>> {
    let future = Box::pin(async move { n });
    if n > 5 {
        return future;
    }
    future
}

#[propagate_context]
pub fn alias(n: u32) -> Boxed {
    let future: Boxed = Box::pin(job(n));
    future
}

/// Its type has a name.
#[propagate_context]
pub fn named(n: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    let future: Pin<Box<std::future::Ready<u32>>> = Box::pin(std::future::ready(n));
    future
}

#[propagate_context]
pub fn used(n: u32) -> Pin<Box<dyn Future<Output = u32>>> {
    let mut future = Box::pin(std::future::ready(n));
    let _: Pin<&mut std::future::Ready<u32>> = future.as_mut();
    future
}

#[propagate_context]
pub fn concrete(n: u32) -> (Pin<Box<std::future::Ready<u32>>>, Option<Pin<Box<u32>>>) {
    (Box::pin(std::future::ready(n)), Some(Box::pin(n)))
}

pub fn run() {
    let sum = crate::support::block_on(async {
        let [a, b] = array(1);
        let mut more = a.await + b.await;
        for future in list(2) {
            more += future.await;
        }
        let both = both(3);
        more += both.0.await + both.1.await + concrete(1).0.await;
        more += variable(4).await + variable(6).await + alias(5).await + named(6).await + used(7).await;
        more + option(8).unwrap().await + result("9").unwrap().await
    });
    crate::support::log(format!("{} {}", sum, option(0).is_none()));
}
