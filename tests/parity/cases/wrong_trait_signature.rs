//@ wrong
pub trait Visit {
    fn visit(&self) -> impl std::future::Future<Output = u32> + Send;
}

impl Visit for u32 {
    #[propagate_context]
    async fn visit(&self) -> String {
        String::new()
    }
}
