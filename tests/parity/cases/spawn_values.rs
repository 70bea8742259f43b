async fn job(n: u32) -> u32 {
    n
}

fn work() -> u32 {
    3
}

#[propagate_context]
pub async fn spawns() -> u32 {
    let future = job(1);
    let a = tokio::spawn(future).await.unwrap();
    let b = tokio::task::spawn_blocking(work).await.unwrap();
    let f: Box<dyn FnOnce() -> u32 + Send> = Box::new(work);
    let c = std::thread::spawn(f).join().unwrap();
    a + b + c
}

#[propagate_context]
pub fn generic<F, R>(f: F) -> R
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    std::thread::spawn(f).join().unwrap()
}

pub fn run() {
    crate::support::log(format!("{} {}", crate::support::in_runtime(spawns()), generic(work)));
}
