use std::collections::BTreeMap;
use std::hash::Hash;

pub struct Store<K, V> {
    items: Vec<(K, V)>,
}

#[propagate_context]
impl<K, V> Store<K, V>
where
    K: Eq + Hash + Ord + Clone,
    V: Clone,
{
    pub async fn get(&self, key: &K) -> Option<&V> {
        self.items.iter().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub async fn get_mut<'a>(&'a mut self, key: &K) -> Option<&'a mut V> {
        self.items.iter_mut().find(|(k, _)| k == key).map(|(_, v)| v)
    }

    pub fn sorted(&self) -> BTreeMap<&K, &V> {
        self.items.iter().map(|(k, v)| (k, v)).collect()
    }

    pub async fn update<F, R>(&mut self, key: K, f: F) -> Option<R>
    where
        F: FnOnce(&mut V) -> R,
    {
        self.get_mut(&key).await.map(f)
    }
}

pub fn run() {
    use crate::support::{block_on, log};
    let mut store = Store { items: vec![(2, "b".to_owned()), (1, "a".to_owned())] };
    log(format!("{:?} {:?}", block_on(store.get(&1)).cloned(), store.sorted()));
    log(format!("{:?}", block_on(store.update(2, |v| v.len()))));
}
