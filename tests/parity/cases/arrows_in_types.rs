#[propagate_context]
pub fn arrow_in_generics(n: u32) -> u32 {
    let split: Box<dyn Fn(u32) -> (u32, u32)> = Box::new(move |x| (x, n));
    split(1).1
}

#[propagate_context]
pub async fn arrow_to_unit() -> usize {
    let done: Vec<Box<dyn Fn() -> ()>> = Vec::new();
    done.len()
}

#[propagate_context]
pub fn arrow_after_less(a: u32, b: u32) -> u32 {
    let small = a < b;
    let pair = |x: u32| -> (u32, u32) { (x, u32::from(small)) };
    pair(a).1
}

pub fn run() {
    use crate::support::{block_on, log};
    log(format!("{} {} {}", arrow_in_generics(1), block_on(arrow_to_unit()), arrow_after_less(1, 2)));
}
