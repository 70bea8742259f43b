//! Calls that `docs/clippy.toml` reports, and calls that it does not. `.ci/run` checks them with clippy. Each path in
//! `docs/clippy.toml` occurs here.

pub mod frameworks;
pub mod pools;
pub mod runtimes;

use propagate_context::propagate_context;
use propagate_context::task::{self, SpawnInContext};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

/// The same spawners, rewritten by the attribute.
#[propagate_context]
#[allow(clippy::disallowed_methods, reason = "rewritten")]
pub async fn annotated(set: &mut JoinSet<()>) {
    tokio::spawn(async {});
    set.spawn(async {});
    std::thread::spawn(|| {});
}

/// The same spawners, wrapped by hand.
pub fn wrapped(runtime: &Runtime, set: &mut JoinSet<()>) {
    task::spawn(async {});
    task::spawn_blocking(|| {});
    runtime.spawn_in_context(async {});
    set.spawn_in_context(async {});
}
