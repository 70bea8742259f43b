use crate::support::{log, Noisy};

#[propagate_context]
fn simple(a: Noisy, _: Noisy, (b, _): (Noisy, Noisy)) -> usize {
    let local = Noisy("local");
    local.touch() + b.touch()
}

#[propagate_context]
fn early(a: Noisy, leave: bool) -> Option<Noisy> {
    let local = Noisy("local");
    if leave {
        return Some(local);
    }
    log("stayed");
    None
}

pub fn run() {
    let _ = simple(Noisy("a"), Noisy("b"), (Noisy("c"), Noisy("d")));
    let _ = early(Noisy("a"), true);
    let _ = early(Noisy("a"), false);
}
