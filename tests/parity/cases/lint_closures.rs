//@ lost clippy::redundant_closure: the closure that is spawned does more than to call
#[propagate_context]
pub fn closures(list: &[u32]) -> u32 {
    let a = std::thread::spawn(|| five()).join().unwrap_or_default();
    let b: u32 = list.iter().map(|n| double(n)).sum();
    let c = std::thread::scope(|scope| scope.spawn(|| { list.len() }).join().unwrap_or_default());
    a + b + c as u32
}

fn five() -> u32 {
    5
}

fn double(n: &u32) -> u32 {
    n * 2
}
