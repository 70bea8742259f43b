//@ edition 2021
use std::future::Future;

pub trait Visit {
    type Output;

    #[propagate_context]
    fn provided(&self) -> u32 {
        1
    }

    fn returned(&self) -> impl Future<Output = u32> + Send;
}

pub struct Shop;

impl Visit for Shop {
    type Output = u32;

    #[propagate_context]
    fn provided(&self) -> u32 {
        2
    }

    #[propagate_context]
    async fn returned(&self) -> u32 {
        3
    }
}

#[propagate_context]
impl Shop {
    /// Associated.
    pub const LIMIT: u32 = 3;

    pub async fn open(&self) -> <Self as Visit>::Output {
        Self::LIMIT
    }

    fn close(&self) {}
}

#[propagate_context]
impl Default for Shop {
    fn default() -> Self {
        Self
    }
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{} {} {}", Shop.provided(), block_on(Shop.returned()), block_on(Shop.open())));
}
