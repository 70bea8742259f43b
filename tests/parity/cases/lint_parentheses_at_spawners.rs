//@ lost unused_parens: not round a literal or function that is rewritten
//@ lost clippy::double_parens: not round a literal or function that is rewritten
use std::future::Future;

pub struct Pool;

impl Pool {
    pub fn spawn<F: Future>(&self, job: F) -> F::Output {
        crate::support::block_on(job)
    }

    pub fn on_upgrade<F: FnOnce(u32) -> T, T: Future<Output = u32>>(&self, serve: F) -> u32 {
        crate::support::block_on(serve(1))
    }
}

async fn job(n: u32) -> u32 {
    n
}

#[propagate_context]
pub fn spawns(pool: &Pool) -> u32 {
    pool.spawn((job(1))) + pool.spawn((async { 2 })) + pool.on_upgrade((job))
}
