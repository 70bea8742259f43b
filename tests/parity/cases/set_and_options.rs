static ID: propagate_context::ContextVar<u32> = propagate_context::ContextVar::new("id");

#[propagate_context(detached)]
pub async fn detached(n: u32) -> u32 {
    n
}

#[propagate_context(skip_fn)]
pub async fn skipped(n: u32) -> u32 {
    std::thread::spawn(move || n).join().unwrap()
}

#[propagate_context(set(ID = n))]
pub async fn with_id(n: u32, mut m: u32) -> u32 {
    m += n;
    m
}

#[propagate_context(set(ID = 1))]
pub fn sync_with_id(n: u32) -> u32 {
    n
}

pub fn uses() -> Option<u32> {
    ID.get()
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{} {} {}", block_on(detached(1)), block_on(skipped(2)), block_on(with_id(3, 4))));
    log(sync_with_id(5).to_string());
}
