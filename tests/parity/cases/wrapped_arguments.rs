use crate::support::{in_runtime, suspend, Noisy};

#[propagate_context]
#[tokio::main(flavor = "current_thread")]
async fn below() {
    let _ = Noisy("local");
}

#[propagate_context]
#[cfg_attr(all(), tokio::main(flavor = "current_thread"))]
async fn behind_cfg_attr() -> u32 {
    suspend().await;
    3
}

pub fn run() {
    below();
    crate::support::log(behind_cfg_attr().to_string());
}
