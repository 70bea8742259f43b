//@ lost clippy::explicit_auto_deref: not in an argument that is propagated by its type
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::task::{Context, Poll};

pub struct Job(Ready<u32>, u32);

impl Future for Job {
    type Output = u32;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        let more = self.1;
        Pin::new(&mut self.0).poll(context).map(|n| n + more)
    }
}

pub struct Bundle<T>(T);

pub struct Pool;

impl Pool {
    pub fn spawn<F: Future>(&self, job: F) -> F::Output {
        crate::support::block_on(job)
    }

    pub fn spawn_local(&self, bundle: Bundle<u8>, more: &str) -> usize {
        bundle.0 as usize + more.len()
    }

    pub fn spawn_fn(&self, job: Option<Box<dyn Fn() -> u32>>) -> u32 {
        job.map_or(0, |job| job())
    }

    pub fn spawn_ok(&self, job: Bundle<Box<dyn Fn() -> u32>>) -> u32 {
        (job.0)()
    }
}

async fn job() -> u32 {
    1
}

#[propagate_context]
pub fn constructors(pool: &Pool, left: bool) -> u32 {
    use futures::future::Either;
    let either = pool.spawn(if left { Either::Left(job()) } else { Either::Right(async { 2 }) });
    let mine = Box::new(3);
    let closure = || 4;
    either
        + pool.spawn(Job(ready(3), 4))
        + pool.spawn_fn(Some(Box::new(closure)))
        + pool.spawn_ok(Bundle(Box::new(move || *mine)))
}

#[propagate_context]
pub fn inferred(pool: &Pool, text: String) -> usize {
    pool.spawn_local(Bundle(1), text.as_ref()) + pool.spawn_local(Bundle(2), &*text)
}

pub fn run() {
    let pool = Pool;
    let text = inferred(&pool, "abc".to_owned());
    crate::support::log(format!("{} {}", constructors(&pool, true), text));
}
