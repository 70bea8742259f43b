use std::future::Future;

#[propagate_context]
pub fn opaque(n: u32) -> impl Future<Output = u32> { async move { n } }

#[propagate_context]
pub const fn constant(n: u32) -> u32 { n + 1 }

pub fn run() {
    let n = crate::support::block_on(opaque(1));
    crate::support::log(format!("{}", n + constant(1)));
}
