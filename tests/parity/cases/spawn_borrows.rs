#[propagate_context]
pub fn borrows() -> (Vec<u32>, String) {
    let mut list = vec![1];
    let mut text = String::from("a");
    let owned = vec![3];
    std::thread::scope(|scope| {
        scope.spawn(|| list.push(2));
        scope.spawn(|| text.push('b'));
        scope.spawn(|| drop(owned));
    });
    rayon::scope(|scope| {
        scope.spawn(|_| list.push(4));
        scope.spawn(|_| text.push('c'));
    });
    rayon::join(|| list.push(5), || text.push('d'));
    (list, text)
}

pub fn run() {
    crate::support::log(format!("{:?}", borrows()));
}
