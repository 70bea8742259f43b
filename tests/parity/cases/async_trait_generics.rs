use async_trait::async_trait;

#[async_trait]
pub trait Load<T: Send + 'static>: Send {
    async fn load(&mut self, key: &str, many: &[T]) -> Option<T>;
}

pub struct Store<T>(Vec<T>);

#[async_trait]
impl<T: Clone + Send + Sync + 'static> Load<T> for Store<T> {
    #[propagate_context]
    async fn load(&mut self, key: &str, many: &[T]) -> Option<T> {
        let first = self.0.first().cloned();
        crate::support::suspend().await;
        self.0.extend(many.iter().cloned());
        first.filter(|_| !key.is_empty())
    }
}

pub fn run() {
    let mut store = Store(vec![1]);
    crate::support::log(format!("{:?} {}", crate::support::block_on(store.load("a", &[2])), store.0.len()));
}
