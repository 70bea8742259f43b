use std::future::Future;

#[propagate_context]
pub fn opaque(n: u32) -> impl Future<Output = u32> { async move { n } }

#[propagate_context]
pub const fn constant(n: u32) -> u32 { n + 1 }

#[propagate_context]
pub fn opaque_call(n: u32) -> impl Future<Output = u32> { std::future::ready(n) }

#[propagate_context]
pub fn opaque_braces(n: u32) -> impl Future<Output = u32> { { std::future::ready(n) } }

#[propagate_context]
pub fn opaque_parentheses(n: u32) -> impl Future<Output = u32> { (async move { n }) }

#[propagate_context]
pub fn returned_parentheses(n: u32) -> impl Future<Output = u32> { return (std::future::ready(n)); }

#[propagate_context]
pub fn boxed_braces(n: u32) -> std::pin::Pin<Box<dyn Future<Output = u32>>> { { Box::pin(async move { n }) } }

#[propagate_context]
pub async fn braces(n: u32) -> u32 { { n } }

#[propagate_context]
pub fn parentheses(n: u32) -> u32 { (n) }

pub fn run() {
    let n = crate::support::block_on(opaque(1));
    crate::support::log(format!("{}", n + constant(1)));
}
