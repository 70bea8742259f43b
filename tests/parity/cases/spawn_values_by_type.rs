//@ edition 2021
use std::future::Future;
use std::pin::Pin;

pub type Boxed = Pin<Box<dyn Future<Output = u32> + Send>>;

pub struct Pool;

impl Pool {
    pub fn spawn(&self, job: Box<dyn FnOnce() -> u32 + Send>) -> u32 {
        job()
    }

    pub fn spawn_on(&self, job: Boxed, more: &[u32]) -> u32 {
        crate::support::block_on(job) + more.len() as u32
    }

    pub fn spawn_local<F: Future>(&self, job: F) -> F::Output {
        crate::support::block_on(job)
    }

    pub fn spawn_fn(&self, job: impl FnOnce() -> u32) -> u32 {
        job()
    }
}

async fn job(n: u32) -> u32 {
    n
}

async fn length(text: &str) -> usize {
    text.len()
}

fn work() -> u32 {
    3
}

#[propagate_context]
pub async fn futures(pool: &Pool, local: Option<Boxed>) -> u32 {
    let text = String::from("abc");
    let boxed: Boxed = Box::pin(job(1));
    let list = vec![1, 2];
    let a = pool.spawn_on(boxed, &list);
    let b = pool.spawn_on(Box::pin(job(2)), &[]);
    let c = pool.spawn_local(length(&text)) + pool.spawn_local(length(&String::from("d")));
    let d = match local {
        Some(local) => pool.spawn_on(local, &list),
        None => return 0,
    };
    let mut set = tokio::task::JoinSet::new();
    set.spawn(job(5));
    let e = set.join_next().await.unwrap().unwrap();
    a + b + c as u32 + d + e
}

#[propagate_context]
pub fn functions(pool: &Pool) -> u32 {
    let n = Box::new(7);
    let closure = move || *n;
    let once: Box<dyn FnOnce() -> u32 + Send> = Box::new(work);
    pool.spawn(once) + pool.spawn(Box::new(work)) + pool.spawn(Box::new(closure)) + pool.spawn_fn(work)
}

#[propagate_context]
pub fn generic<F>(pool: &Pool, future: F) -> F::Output
where
    F: Future,
{
    pool.spawn_local(future)
}

/// A reference is reborrowed by the call.
#[propagate_context]
pub fn reborrowed(list: &mut Vec<u32>) -> usize {
    fn spawn(list: &mut Vec<u32>) {
        list.push(1);
    }
    spawn(list);
    spawn(list);
    list.len()
}

pub fn run() {
    let pool = Pool;
    let futures = crate::support::in_runtime(futures(&pool, Some(Box::pin(job(4)))));
    let generic = generic(&pool, job(6));
    crate::support::log(format!(
        "{futures} {} {generic} {}",
        functions(&pool),
        reborrowed(&mut Vec::new())
    ));
}
