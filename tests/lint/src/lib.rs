//! What `docs/clippy.toml` reports, and what it does not: read by `.ci/run`.

use propagate_context::propagate_context;
use propagate_context::task::{self, SpawnInContext};
use tokio::runtime::{Handle, Runtime};
use tokio::task::JoinSet;

/// Each line that ends in `reported` is.
pub async fn plain(runtime: &Runtime, set: &mut JoinSet<()>) {
    tokio::spawn(async {}); // reported
    tokio::task::spawn(async {}); // reported
    tokio::task::spawn_blocking(|| {}); // reported
    tokio::task::spawn_local(async {}); // reported
    Handle::current().spawn(async {}); // reported
    Handle::current().spawn_blocking(|| {}); // reported
    runtime.spawn(async {}); // reported
    runtime.spawn_blocking(|| {}); // reported
    set.spawn(async {}); // reported
    set.spawn_blocking(|| {}); // reported
    std::thread::spawn(|| {}); // reported
    let _ = std::thread::Builder::new().spawn(|| {}); // reported
    std::thread::scope(|scope| {
        scope.spawn(|| {}); // reported
    });
    rayon::spawn(|| {}); // reported
}

/// The same, rewritten.
#[propagate_context]
#[allow(clippy::disallowed_methods, reason = "rewritten")]
pub async fn annotated(set: &mut JoinSet<()>) {
    tokio::spawn(async {});
    set.spawn(async {});
    std::thread::spawn(|| {});
}

/// The same by hand.
pub fn wrapped(runtime: &Runtime, set: &mut JoinSet<()>) {
    task::spawn(async {});
    task::spawn_blocking(|| {});
    runtime.spawn_in_context(async {});
    set.spawn_in_context(async {});
}
