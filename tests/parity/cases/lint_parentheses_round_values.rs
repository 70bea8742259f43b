//@ lost unused_parens: not round a value that is propagated by its type
//@ lost clippy::double_parens: not round a value that is propagated by its type
use std::future::Future;

pub struct Pool;

impl Pool {
    pub fn spawn<F: Future>(&self, job: F) -> F::Output {
        crate::support::block_on(job)
    }
}

async fn job(n: u32) -> u32 {
    n
}

#[propagate_context]
pub fn spawns(pool: &Pool) -> u32 {
    let future = job(2);
    pool.spawn((job(1))) + pool.spawn((future))
}
