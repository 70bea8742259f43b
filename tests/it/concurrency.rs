//! 1,000 interleaved requests on four workers, with every spawn function of the catalogue, and with panics and aborts:
//! each child reads its own id, and every worker is clean afterwards.

use std::future::pending;
use std::panic::resume_unwind;
use std::sync::{Arc, Barrier, LazyLock};

use futures::executor::ThreadPool;
use futures::task::SpawnExt;
use propagate_context::{ContextVar, propagate_context};
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::task::{JoinSet, LocalSet, yield_now};
use tokio_util::task::{JoinMap, LocalPoolHandle, TaskTracker};

const REQUESTS: u32 = 1_000;

static ID: ContextVar<u32> = ContextVar::new("id");

static FUTURES_POOL: LazyLock<ThreadPool> =
    LazyLock::new(|| ThreadPool::builder().pool_size(2).create().unwrap());
static RAYON_POOL: LazyLock<rayon::ThreadPool> = LazyLock::new(|| {
    rayon::ThreadPoolBuilder::new()
        .num_threads(2)
        .build()
        .unwrap()
});
static PINNED_POOL: LazyLock<LocalPoolHandle> = LazyLock::new(|| LocalPoolHandle::new(2));

type Seen = Vec<(&'static str, Option<u32>)>;

async fn read() -> Option<u32> {
    let before = ID.get();
    yield_now().await;
    ID.get().filter(|after| Some(*after) == before)
}

#[propagate_context]
async fn functions() -> Seen {
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .spawn(move || sender.send(ID.get()))
        .unwrap();
    vec![
        (
            "tokio::spawn, a block",
            tokio::spawn(async { read().await }).await.unwrap(),
        ),
        ("tokio::spawn, a value", tokio::spawn(read()).await.unwrap()),
        (
            "task::spawn_blocking",
            tokio::task::spawn_blocking(|| ID.get()).await.unwrap(),
        ),
        ("thread::Builder", receiver.await.unwrap()),
        (
            "thread::scope",
            std::thread::scope(|scope| scope.spawn(|| ID.get()).join().unwrap()),
        ),
    ]
}

#[propagate_context]
async fn handles_and_sets() -> Seen {
    let handle = Handle::current();
    let mut set = JoinSet::new();
    set.spawn(async { ("JoinSet::spawn", read().await) });
    set.spawn_on(async { ("JoinSet::spawn_on", read().await) }, &handle);
    set.spawn_blocking(|| ("JoinSet::spawn_blocking", ID.get()));
    let mut seen = set.join_all().await;
    let mut map = JoinMap::new();
    map.spawn("JoinMap::spawn", async { read().await });
    map.spawn_blocking("JoinMap::spawn_blocking", || ID.get());
    while let Some((form, read)) = map.join_next().await {
        seen.push((form, read.unwrap()));
    }
    let tracker = TaskTracker::new();
    seen.push((
        "Handle::spawn",
        handle.spawn(async { read().await }).await.unwrap(),
    ));
    seen.push((
        "Handle::spawn_blocking",
        handle.spawn_blocking(|| ID.get()).await.unwrap(),
    ));
    seen.push((
        "TaskTracker::spawn",
        tracker.spawn(async { read().await }).await.unwrap(),
    ));
    seen.push((
        "TaskTracker::spawn_blocking",
        tracker.spawn_blocking(|| ID.get()).await.unwrap(),
    ));
    let pinned = PINNED_POOL.spawn_pinned(|| async { read().await });
    seen.push(("LocalPoolHandle::spawn_pinned", pinned.await.unwrap()));
    seen
}

#[propagate_context]
async fn pools() -> Seen {
    let (sender, from_rayon) = oneshot::channel();
    RAYON_POOL.spawn(move || assert!(sender.send(ID.get()).is_ok()));
    let mut scoped = None;
    RAYON_POOL.in_place_scope(|scope| scope.spawn(|_| scoped = ID.get()));
    let from_futures = FUTURES_POOL
        .spawn_with_handle(async { read().await })
        .unwrap();
    let marked = #[propagate_context]
    move || ID.get();
    let mut seen = vec![
        ("rayon::spawn", from_rayon.await.unwrap()),
        ("rayon::scope", scoped),
        ("futures::ThreadPool", from_futures.await),
    ];
    seen.push((
        "a marked closure",
        std::thread::scope(|_| RAYON_POOL.install(marked)),
    ));
    let (a, b) = tokio::join!(tokio::spawn(async { read().await }), async {
        tokio::select! {
            seen = tokio::spawn(async { read().await }) => seen.unwrap(),
            () = pending() => None,
        }
    });
    seen.extend([("inside join!", a.unwrap()), ("inside select!", b)]);
    seen
}

#[propagate_context]
async fn local_tasks() -> Seen {
    let local = LocalSet::new();
    let (sender, receiver) = oneshot::channel();
    local.spawn_local(async { assert!(sender.send(read().await).is_ok()) });
    let free = local
        .run_until(async {
            tokio::task::spawn_local(async { read().await })
                .await
                .unwrap()
        })
        .await;
    vec![
        ("LocalSet::spawn_local", receiver.await.unwrap()),
        ("task::spawn_local", free),
    ]
}

/// Panics and aborts on the same workers as the requests.
#[propagate_context]
async fn faults(id: u32) {
    let never = tokio::spawn(async { pending::<()>().await });
    // Without the panic hook, because the output of hundreds of panics would hide a real one.
    let panics = tokio::spawn(async { resume_unwind(Box::new(ID.get())) });
    let blocking = tokio::task::spawn_blocking(|| resume_unwind(Box::new(ID.get())));
    yield_now().await;
    never.abort();
    assert!(never.await.unwrap_err().is_cancelled());
    for panics in [panics, blocking] {
        let outcome: Result<(), _> = panics.await;
        let read: Box<Option<u32>> = outcome.unwrap_err().into_panic().downcast().unwrap();
        assert_eq!(*read, Some(id));
    }
}

async fn request(id: u32) -> Seen {
    let mut seen = functions().await;
    if id % 4 == 0 {
        faults(id).await;
    }
    seen.extend(handles_and_sets().await);
    seen.extend(pools().await);
    seen.push(("after everything", ID.get()));
    seen
}

fn all_right(id: u32, seen: &Seen) {
    for (form, read) in seen {
        assert_eq!(*read, Some(id), "{form} in request {id}");
    }
}

#[test]
fn each_child_reads_its_own_id_and_every_worker_is_clean_afterwards() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut requests = JoinSet::new();
        for id in 0..REQUESTS {
            requests.spawn(ID.scope(id, async move { (id, request(id).await) }));
        }
        let mut served = 0;
        while let Some(request) = requests.join_next().await {
            let (id, seen) = request.unwrap();
            all_right(id, &seen);
            assert_eq!(seen.len(), 22, "{seen:?}");
            served += 1;
        }
        assert_eq!(served, REQUESTS);
    });

    let (barrier, clean) = (Arc::new(Barrier::new(4)), || {
        ID.get().is_none() && ID.try_set(0).is_err()
    });
    let probes: Vec<_> = (0..4)
        .map(|_| {
            let barrier = barrier.clone();
            runtime.spawn(async move {
                // Each task holds a worker until all four have started.
                barrier.wait();
                clean()
            })
        })
        .collect();
    for probe in probes {
        assert!(runtime.block_on(probe).unwrap(), "a worker kept a scope");
    }
    assert!(
        RAYON_POOL
            .broadcast(|_| clean())
            .into_iter()
            .all(|clean| clean)
    );
    assert!(clean());
}

#[test]
fn local_tasks_read_their_own_id() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let local = LocalSet::new();
    let requests: Vec<_> = (0..REQUESTS)
        .map(|id| local.spawn_local(ID.scope(id, async move { (id, local_tasks().await) })))
        .collect();
    runtime.block_on(local);
    for request in requests {
        let (id, seen) = runtime.block_on(request).unwrap();
        all_right(id, &seen);
    }
}
