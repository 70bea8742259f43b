use crate::support::{block_on, log, Noisy};
use std::panic::{catch_unwind, AssertUnwindSafe};

#[propagate_context]
async fn panics(a: Noisy, (b, _): (Noisy, Noisy)) {
    let local = Noisy("local");
    std::panic::resume_unwind(Box::new(1));
}

#[propagate_context]
fn panics_too(a: Noisy, b: Noisy) {
    let local = Noisy("local");
    std::panic::resume_unwind(Box::new(1));
}

pub fn run() {
    let caught = catch_unwind(AssertUnwindSafe(|| block_on(panics(Noisy("a"), (Noisy("b"), Noisy("c"))))));
    log(format!("{}", caught.is_err()));
    let caught = catch_unwind(AssertUnwindSafe(|| panics_too(Noisy("a"), Noisy("b"))));
    log(format!("{}", caught.is_err()));
}
