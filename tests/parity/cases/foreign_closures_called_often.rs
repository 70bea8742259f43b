pub struct Pool;

impl Pool {
    pub fn install<F: Fn() -> u32>(&self, call: F) -> u32 {
        call() + call()
    }

    pub fn spawn<F: Fn(u32) -> T, T: std::future::Future<Output = u32>>(&self, call: F) -> u32 {
        crate::support::block_on(call(1)) + crate::support::block_on(call(2))
    }
}

#[propagate_context]
pub fn often(pool: &Pool, more: u32) -> u32 {
    let installed = pool.install(|| more + 1);
    installed + pool.spawn(|n| async move { n + more })
}

pub fn run() {
    crate::support::log(format!("{}", often(&Pool, 1)));
}
