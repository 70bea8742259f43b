//! Runtimes. Clippy reports exactly the lines that end with `reported`.

use std::thread;

use tokio::runtime::{Handle, Runtime};
use tokio::spawn as alias;
use tokio::task::{self, JoinSet, LocalSet};
use tokio_util::task::{JoinMap, LocalPoolHandle, TaskTracker};

pub fn standard() {
    thread::spawn(|| {}); // reported
    let _ = thread::Builder::new().spawn(|| {}); // reported
    thread::scope(|scope| {
        scope.spawn(|| {}); // reported
        let _ = thread::Builder::new().spawn_scoped(scope, || {}); // reported
    });
}

pub fn tokio_tasks(runtime: &Runtime, local: &LocalSet) {
    tokio::spawn(async {}); // reported
    alias(async {}); // reported
    task::spawn(async {}); // reported
    task::spawn_blocking(|| {}); // reported
    task::spawn_local(async {}); // reported
    local.spawn_local(async {}); // reported
    Handle::current().spawn(async {}); // reported
    Handle::current().spawn_blocking(|| {}); // reported
    runtime.spawn(async {}); // reported
    runtime.spawn_blocking(|| {}); // reported
}

/// Requires `--cfg tokio_unstable`.
pub fn tokio_builders(set: &mut JoinSet<()>, handle: &Handle, local: &LocalSet) {
    let _ = task::Builder::new().spawn(async {}); // reported
    let _ = task::Builder::new().spawn_on(async {}, handle); // reported
    let _ = task::Builder::new().spawn_local(async {}); // reported
    let _ = task::Builder::new().spawn_local_on(async {}, local); // reported
    let _ = task::Builder::new().spawn_blocking(|| {}); // reported
    let _ = task::Builder::new().spawn_blocking_on(|| {}, handle); // reported
    let _ = set.build_task().spawn(async {}); // reported
    let _ = set.build_task().spawn_on(async {}, handle); // reported
    let _ = set.build_task().spawn_local(async {}); // reported
    let _ = set.build_task().spawn_local_on(async {}, local); // reported
    let _ = set.build_task().spawn_blocking(|| {}); // reported
    let _ = set.build_task().spawn_blocking_on(|| {}, handle); // reported
}

pub fn tokio_sets(set: &mut JoinSet<()>, handle: &Handle, local: &LocalSet) {
    set.spawn(async {}); // reported
    set.spawn_on(async {}, handle); // reported
    set.spawn_local(async {}); // reported
    set.spawn_local_on(async {}, local); // reported
    set.spawn_blocking(|| {}); // reported
    set.spawn_blocking_on(|| {}, handle); // reported
}

pub fn tokio_maps(map: &mut JoinMap<u8, ()>, handle: &Handle, local: &LocalSet) {
    map.spawn(1, async {}); // reported
    map.spawn_on(1, async {}, handle); // reported
    map.spawn_local(1, async {}); // reported
    map.spawn_local_on(1, async {}, local); // reported
    map.spawn_blocking(1, || {}); // reported
    map.spawn_blocking_on(1, || {}, handle); // reported
}

pub fn tokio_trackers(tracker: &TaskTracker, handle: &Handle, local: &LocalSet) {
    tracker.spawn(async {}); // reported
    tracker.spawn_on(async {}, handle); // reported
    tracker.spawn_local(async {}); // reported
    tracker.spawn_local_on(async {}, local); // reported
    tracker.spawn_blocking(|| {}); // reported
    tracker.spawn_blocking_on(|| {}, handle); // reported
}

pub fn tokio_pools(pool: &LocalPoolHandle) {
    pool.spawn_pinned(|| async {}); // reported
    pool.spawn_pinned_by_idx(|| async {}, 0); // reported
}

pub fn single_threaded() {
    monoio::spawn(async {}); // reported
    tokio_uring::spawn(async {}); // reported
    wasm_bindgen_futures::spawn_local(async {}); // reported
}

pub fn others(executor: &async_executor::Executor<'_>, local: &async_executor::LocalExecutor<'_>) {
    executor.spawn(async {}).detach(); // reported
    local.spawn(async {}).detach(); // reported
    smol::spawn(async {}).detach(); // reported
    smol::unblock(|| {}).detach(); // reported
    blocking::unblock(|| {}).detach(); // reported
    async_std::task::spawn(async {}); // reported
    async_std::task::spawn_blocking(|| {}); // reported
    async_std::task::spawn_local(async {}); // reported
    async_global_executor::spawn(async {}).detach(); // reported
    async_global_executor::spawn_blocking(|| {}).detach(); // reported
    async_global_executor::spawn_local(async {}).detach(); // reported
}
