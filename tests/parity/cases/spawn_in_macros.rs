#[propagate_context]
pub async fn spawns() -> u32 {
    let (a, b) = tokio::join!(tokio::spawn(async { 1 }), tokio::spawn(async { 2 }));
    let list = vec![tokio::spawn(async { 3 }), tokio::spawn(async { 4 })];
    let mut sum = a.unwrap() + b.unwrap();
    for handle in list {
        sum += handle.await.unwrap();
    }
    tokio::select! {
        n = tokio::spawn(async { 5 }) => sum += n.unwrap(),
        () = std::future::pending() => {}
    }
    assert_eq!(std::thread::spawn(|| 6).join().unwrap(), 6);
    sum
}

pub fn run() {
    crate::support::log(crate::support::in_runtime(spawns()).to_string());
}
