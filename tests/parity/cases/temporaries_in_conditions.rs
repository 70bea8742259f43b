use crate::support::{drive, log, suspend, Noisy};

fn made(name: &'static str) -> Noisy {
    Noisy(name)
}

#[propagate_context]
async fn conditions(a: Noisy) -> usize {
    if made("if").touch() > 1 {
        log("then");
    }
    if let Some(n) = Some(made("if let").touch()) {
        log(n.to_string());
        suspend().await;
    }
    match made("match").touch() {
        n => suspend().await,
    }
    while made("while").touch() < 3 {}
    let _ = made("underscore");
    let _kept = made("kept");
    made("tail").touch()
}

pub fn run() {
    drive(|| conditions(Noisy("a")));
}
