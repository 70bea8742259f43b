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
pub fn opaque_branches(n: u32) -> impl Future<Output = u32> {
    if n > 1 { return std::future::ready(n); } else { return std::future::ready(2); }
}

#[propagate_context]
pub fn opaque_arms(n: u32) -> impl Future<Output = u32> {
    match n {
        0 => return std::future::ready(n),
        1 => panic!("one"),
        _ => {}
    }
    loop {
        if n > 2 {
            return std::future::ready(3);
        }
    }
}

#[propagate_context]
pub fn opaque_panics(n: u32) -> impl Future<Output = u32> {
    if n > 1 {
        return std::future::ready(n);
    }
    unreachable!("{}", n)
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
