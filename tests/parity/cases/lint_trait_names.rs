pub struct Counter(u32);

impl Counter {
    #[propagate_context]
    pub async fn next(&mut self) -> Option<u32> {
        Some(self.0)
    }

    #[propagate_context]
    pub async fn add(self, other: Self) -> Self {
        Counter(self.0 + other.0)
    }

    #[propagate_context]
    pub async fn default() -> Self {
        Counter(0)
    }

    #[propagate_context]
    pub fn not(self) -> Self {
        self
    }

    #[propagate_context]
    pub async fn into_iter(self) -> u32 {
        self.0
    }
}
