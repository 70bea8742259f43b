use std::collections::HashMap;

#[propagate_context]
pub async fn total(names: impl IntoIterator<Item = &str>) -> usize {
    names.into_iter().map(str::len).sum()
}

#[propagate_context]
pub async fn pairs(list: impl Iterator<Item = (&str, &u32)>, more: &[u32]) -> u32 {
    list.map(|(name, n)| n + name.len() as u32).sum::<u32>() + more.iter().sum::<u32>()
}

#[propagate_context]
pub async fn call(function: impl Fn(&str) -> usize, map: impl AsRef<HashMap<String, u32>>) -> usize {
    function("abc") + map.as_ref().len()
}

#[propagate_context]
pub async fn generic<T: Copy + Into<u64>>(list: impl IntoIterator<Item = &'_ T>, first: T) -> u64
where
    T: 'static,
{
    list.into_iter().map(|item| (*item).into()).sum::<u64>() + first.into()
}

pub fn run() {
    let sum = crate::support::block_on(async {
        let list = [("a", 1), ("b", 2)];
        let pairs = pairs(list.iter().map(|(name, n)| (*name, n)), &[1]).await;
        let map = Box::new(HashMap::new());
        total(vec!["a", "bc"]).await + pairs as usize + call(str::len, map).await + generic(&[1u32], 2).await as usize
    });
    crate::support::log(format!("{}", sum));
}
