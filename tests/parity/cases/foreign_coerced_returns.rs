use std::future::Future;
use std::pin::Pin;

type Boxed = Pin<Box<dyn Future<Output = u32> + Send>>;

#[propagate_context]
pub fn fetch(none: Option<Boxed>) -> impl Future<Output = u32> {
    if let Some(none) = none {
        return none;
    }
    Box::pin(async { 2 })
}

#[propagate_context]
pub fn fetch_borrowed<'a>(text: &'a str, none: Option<Pin<Box<dyn Future<Output = usize> + Send + 'a>>>) -> impl Future<Output = usize> + 'a {
    match none {
        Some(none) => return none,
        None => {}
    }
    Box::pin(async move { text.len() })
}

pub fn run() {
    let sum = crate::support::block_on(async {
        fetch(None).await + fetch(Some(Box::pin(async { 1 }))).await + fetch_borrowed("abc", None).await as u32
    });
    crate::support::log(format!("{}", sum));
}
