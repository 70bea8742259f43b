use crate::support::{block_on, log, Noisy};

fn temporary() -> Noisy {
    Noisy("temporary")
}

#[propagate_context]
fn sync(a: Noisy) -> usize {
    let local = Noisy("local");
    temporary().touch()
}

#[propagate_context]
async fn asynchronous(a: Noisy) -> usize {
    let local = Noisy("local");
    temporary().touch()
}

#[propagate_context]
async fn in_a_match(a: Noisy) -> usize {
    let local = Noisy("local");
    match temporary().touch() {
        0 => 1,
        n => n,
    }
}

#[propagate_context]
async fn in_a_closure() -> usize {
    let handle = std::thread::spawn(|| {
        let local = 3;
        local + 1
    });
    handle.join().unwrap()
}

pub fn run() {
    let _ = sync(Noisy("a"));
    let _ = block_on(asynchronous(Noisy("a")));
    let _ = block_on(in_a_match(Noisy("a")));
    log(format!("{}", block_on(in_a_closure())));
}
