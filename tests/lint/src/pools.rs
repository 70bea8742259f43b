//! Pools. Clippy reports exactly the lines that end with `reported`.

use futures::executor::{LocalSpawner, ThreadPool};
use futures::task::{LocalSpawnExt, SpawnExt};

pub fn of_rayon(pool: &rayon::ThreadPool) {
    rayon::spawn(|| {}); // reported
    rayon::spawn_fifo(|| {}); // reported
    rayon::spawn_broadcast(|_| {}); // reported
    rayon::join(|| {}, || {}); // reported
    rayon::scope(|scope| { // reported
        scope.spawn(|_| {}); // reported
        scope.spawn_broadcast(|_, _| {}); // reported
    });
    rayon::scope_fifo(|scope| { // reported
        scope.spawn_fifo(|_| {}); // reported
        scope.spawn_broadcast(|_, _| {}); // reported
    });
    pool.spawn(|| {}); // reported
    pool.spawn_fifo(|| {}); // reported
    pool.spawn_broadcast(|_| {}); // reported
    pool.install(|| {}); // reported
}

pub fn of_futures(pool: &ThreadPool, local: &LocalSpawner) {
    pool.spawn_ok(async {}); // reported
    let _ = pool.spawn(async {}); // reported
    let _ = pool.spawn_with_handle(async {}); // reported
    let _ = local.spawn_local(async {}); // reported
    let _ = local.spawn_local_with_handle(async {}); // reported
}

pub fn of_crossbeam() {
    let _ = crossbeam::thread::scope(|scope| {
        scope.spawn(|_| {}); // reported
        let _ = scope.builder().spawn(|_| {}); // reported
    });
}
