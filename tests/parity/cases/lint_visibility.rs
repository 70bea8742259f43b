mod inner {
    #[propagate_context]
    pub async fn unreachable() {}

    #[propagate_context]
    pub fn unreachable_sync() {}
}

pub async fn uses() {
    inner::unreachable().await;
    inner::unreachable_sync();
}
