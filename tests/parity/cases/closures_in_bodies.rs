//@ edition 2021
#[propagate_context]
pub async fn uses(n: u32) -> u32 {
    let add = |m: u32| n + m;
    let owned = move || n;
    let later = async move || n + 1;
    let block = async { n + 2 };
    add(1) + owned() + later().await + block.await
}

pub fn run() {
    crate::support::log(crate::support::block_on(uses(1)).to_string());
}
