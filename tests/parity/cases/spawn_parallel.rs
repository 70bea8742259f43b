//@ lost clippy::redundant_closure_for_method_calls: a closure in the chain does more than to call
use rayon::prelude::*;

#[propagate_context]
pub fn chains(list: &mut Vec<u32>, more: &str) -> (Vec<u32>, u32, Option<u32>) {
    list.par_iter_mut().for_each(|n| *n += 1);
    let mapped = list.par_iter().map(|n| n + more.len() as u32).filter(|n| n % 2 == 0).collect();
    let sum = list.par_iter().map(|n| n * 2).sum::<u32>() + 1;
    let lazy = list.par_iter().map(|n| n + 1);
    let largest = lazy.max();
    if list.par_iter().any(|n| *n == 3) {
        return (mapped, sum, largest);
    }
    (Vec::new(), 0, list.par_iter().copied().reduce_with(|a, b| a.max(b)))
}

pub fn run() {
    crate::support::log(format!("{:?}", chains(&mut vec![1, 2, 3], "a")));
}
