mod core {}
mod std {}
mod propagate_context {}

struct Future;
struct Option;
struct Box;

#[propagate_context]
pub async fn asynchronous(__arg0: u8, (__arg1, _): (u8, u8), __guard: u8, __context: u8) -> u8 {
    let __call = __arg0 + __arg1;
    __call + __guard + __context
}

#[propagate_context]
pub fn sync(__guard: u8) -> u8 {
    let __context = __guard;
    __context + __guard
}

pub async fn uses() {
    let _ = (Future, Option, Box);
}

pub fn run() {
    crate::support::log(format!("{}", crate::support::block_on(asynchronous(1, (2, 3), 4, 5)) + sync(6)));
}
