//! What cases report to the harness with. It compiles in each edition.
#![allow(missing_docs, clippy::all, clippy::pedantic, clippy::nursery, warnings)]

use std::cell::RefCell;
use std::future::Future;

#[path = "suspend.rs"]
mod suspend;
pub use suspend::suspend;

thread_local! {
    static LOG: RefCell<Vec<String>> = RefCell::new(Vec::new());
}

pub fn log(text: impl Into<String>) {
    LOG.with(|log| log.borrow_mut().push(text.into()));
}

/// Tells when it is dropped.
#[derive(Debug)]
pub struct Noisy(pub &'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        log(format!("drop {}", self.0));
    }
}

impl Noisy {
    pub fn touch(&self) -> usize {
        log(format!("touch {}", self.0));
        self.0.len()
    }
}

pub fn block_on<F: Future>(future: F) -> F::Output {
    futures::executor::block_on(future)
}

/// Runs it to the end, then once more only to the first suspension, then drops one unpolled.
pub fn drive<F: Future>(make: impl Fn() -> F) {
    log("to the end");
    let _ = block_on(make());
    log("to the first suspension");
    let mut future = Box::pin(make());
    let _ = futures::FutureExt::now_or_never(&mut future);
    drop(future);
    log("unpolled");
    let future = make();
    log("made");
    drop(future);
}

/// A runtime for cases that spawn.
pub fn in_runtime<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap()
        .block_on(future)
}

pub fn run(name: &str, case: fn()) {
    case();
    let log = LOG.with(|log| log.take());
    println!("{name}: {}", log.join(", "));
}
