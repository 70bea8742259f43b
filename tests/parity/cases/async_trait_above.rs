use async_trait::async_trait;

#[async_trait]
pub trait Visit: Sync {
    async fn declared(&self, name: &str) -> usize;

    #[propagate_context]
    async fn provided(&self, name: &str) -> usize {
        self.declared(name).await
    }
}

pub struct Shop(usize);

#[async_trait]
impl Visit for Shop {
    #[propagate_context]
    async fn declared(&self, name: &str) -> usize {
        crate::support::suspend().await;
        if name.is_empty() {
            return 0;
        }
        self.0 + name.len()
    }
}

pub fn run() {
    let shop: Box<dyn Visit> = Box::new(Shop(1));
    crate::support::log(crate::support::block_on(shop.provided("abc")).to_string());
}
