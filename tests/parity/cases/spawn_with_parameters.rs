use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};

static SEEN: AtomicUsize = AtomicUsize::new(0);

fn spawn_workers<F: Future<Output = u32>>(count: u32, worker: impl Fn(u32) -> F) -> u32 {
    (0..count).map(|id| crate::support::block_on(worker(id))).sum()
}

fn spawn_with_arg<T>(job: impl FnOnce(T) -> usize, argument: T) -> usize {
    job(argument)
}

#[propagate_context]
pub fn called_often() -> u32 {
    rayon::spawn_broadcast(|context| {
        SEEN.fetch_max(context.index(), Ordering::Relaxed);
    });
    spawn_workers(3, |id| async move { id })
}

#[propagate_context]
pub fn builds_a_pool() -> usize {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).spawn_handler(|thread| {
        std::thread::spawn(|| thread.run());
        Ok(())
    });
    pool.build().unwrap().current_num_threads()
}

#[propagate_context]
pub fn type_of_a_later_argument() -> usize {
    spawn_with_arg(|text| text.len(), "four")
}

pub fn run() {
    crate::support::log(format!("{} {} {}", called_often(), builds_a_pool(), type_of_a_later_argument()));
}
