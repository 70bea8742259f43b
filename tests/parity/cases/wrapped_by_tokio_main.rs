#[tokio::main(flavor = "current_thread")]
#[propagate_context]
async fn above() -> u32 {
    crate::support::suspend().await;
    1
}

#[propagate_context]
#[tokio::main(flavor = "current_thread")]
async fn below() -> u32 {
    crate::support::suspend().await;
    2
}

pub fn run() {
    crate::support::log(format!("{} {}", above(), below()));
}
