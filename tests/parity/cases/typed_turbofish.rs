use std::future::Future;
use std::pin::Pin;

fn spawn_it<F: Future>(future: F) -> F {
    future
}

#[propagate_context]
pub async fn typed() -> u32 {
    type Boxed = Pin<Box<dyn Future<Output = u32>>>;
    let boxed = spawn_it::<Boxed>(Box::pin(async { 1 }));
    let ready = spawn_it::<std::future::Ready<u32>>(std::future::ready(2));
    boxed.await + ready.await
}

pub fn run() {
    crate::support::log(crate::support::block_on(typed()).to_string());
}
