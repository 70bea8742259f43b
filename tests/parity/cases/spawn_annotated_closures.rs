#[propagate_context]
pub fn marked(list: &[u32]) -> u32 {
    let more = 1;
    let add = #[propagate_context]
    move |n: &u32| n + more;
    let total = #[propagate_context]
    || list.iter().map(add).sum::<u32>();
    total()
}

pub fn run() {
    crate::support::log(marked(&[1, 2]).to_string());
}
