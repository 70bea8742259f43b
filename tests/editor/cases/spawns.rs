use propagate_context::propagate_context;
use tokio::task::JoinSet;

#[derive(Clone)]
pub struct Shop {
    pub orders: u32,
}

impl Shop {
    pub fn count(&self) -> u32 {
        self.orders
    }
}

pub async fn job(shop: Shop) -> u32 {
    shop.count()
}

#[propagate_context]
pub async fn spawns(shop: Shop, set: &mut JoinSet<u32>) {
    let other = shop.clone();
    let another = shop.clone();
    let future = job(shop.clone());
    set.spawn(job(shop.clone()));
    set.spawn(future);
    tokio::spawn(job(other.clone()));
    tokio::spawn(async move { other.count() });
    tokio::task::spawn_blocking(move || another.count());
    let _ = tokio::task::spawn_blocking(move || shop./*|*/count());
}
