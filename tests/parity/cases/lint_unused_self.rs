pub struct Shop;

impl Shop {
    #[propagate_context]
    async fn private(&self) -> u32 {
        1
    }

    #[propagate_context]
    fn private_sync(&self) -> u32 {
        1
    }

    #[propagate_context]
    pub async fn calls(&self) -> u32 {
        self.private().await + self.private_sync()
    }

    #[propagate_context]
    pub fn new() -> Self {
        Shop
    }

    #[propagate_context]
    pub fn to_u32(self) -> u32 {
        1
    }

    #[propagate_context]
    pub fn is_open(self) -> bool {
        true
    }
}
