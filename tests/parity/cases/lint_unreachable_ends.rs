use std::future::Future;

#[propagate_context]
pub async fn exits(code: i32) {
    std::process::exit(code);
}

#[propagate_context]
pub async fn returns_last(n: u32) -> u32 {
    return n;
}

#[propagate_context]
pub fn opaque(n: u32) -> impl Future<Output = u32> {
    if n > 1 {
        return std::future::ready(n);
    }
    return std::future::ready(1);
}

#[propagate_context]
pub async fn exits_for_a_value(code: i32) -> u32 {
    std::process::exit(code);
}

#[propagate_context]
pub async fn absurd(never: std::convert::Infallible) -> u32 {
    match never {}
}

#[propagate_context]
pub fn sync_exits(code: i32) {
    std::process::exit(code);
}

pub fn run() {
    let n = crate::support::block_on(async { opaque(1).await + returns_last(2).await });
    crate::support::log(format!("{}", n));
}
