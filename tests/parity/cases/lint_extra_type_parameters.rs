#[propagate_context]
pub async fn unused<T>(n: u32) -> u32 {
    n
}

#[propagate_context]
pub fn unused_sync<T>(n: u32) -> u32 {
    n
}

pub fn run() {
    let n = crate::support::block_on(unused::<u8>(1)) + unused_sync::<u8>(2);
    crate::support::log(format!("{}", n));
}
