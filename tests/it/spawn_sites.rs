//! Every spawn function of the catalogue propagates the context of the annotated function.

// Unusual forms are tested as well.
#![allow(
    clippy::double_parens,
    clippy::redundant_async_block,
    clippy::useless_vec,
    unused_parens
)]

use std::future::Future;
use std::pin::Pin;
use std::sync::mpsc;

use futures::FutureExt;
use futures::executor::ThreadPool;
use futures::task::{LocalSpawnExt, SpawnExt};
use propagate_context::propagate_context;
use tokio::runtime::Handle;
use tokio::task::{JoinSet, LocalSet};
use tokio_util::task::{LocalPoolHandle, TaskTracker};

use crate::support::spawned::{ID, in_scope, read, read_now};

#[test]
fn tokio_functions() {
    #[propagate_context]
    async fn test() {
        assert_eq!(tokio::spawn(read()).await.unwrap(), Some(7));
        assert_eq!(tokio::spawn(async { read().await }).await.unwrap(), Some(7));
        let future = async move { read().await };
        assert_eq!(tokio::task::spawn(future).await.unwrap(), Some(7));
        assert_eq!(
            tokio::task::spawn_blocking(read_now).await.unwrap(),
            Some(7)
        );
        assert_eq!(
            tokio::task::spawn_blocking(|| read_now()).await.unwrap(),
            Some(7)
        );
        let job = || ID.get();
        assert_eq!(tokio::task::spawn_blocking(job).await.unwrap(), Some(7));
        assert_eq!(
            tokio::task::spawn_blocking(move || ID.get()).await.unwrap(),
            Some(7)
        );
        assert_eq!(tokio::spawn::<_>(read()).await.unwrap(), Some(7));
        let handle = tokio::task::spawn_blocking::<_, Option<u32>>(|| ID.get());
        assert_eq!(handle.await.unwrap(), Some(7));
    }
    in_scope(test());
}

#[test]
fn imported_functions() {
    use tokio::task::{self, spawn, spawn_blocking};
    use tokio::{self as renamed};

    #[propagate_context]
    async fn test() {
        assert_eq!(spawn(async { ID.get() }).await.unwrap(), Some(7));
        assert_eq!(spawn_blocking(read_now).await.unwrap(), Some(7));
        assert_eq!(task::spawn(read()).await.unwrap(), Some(7));
        assert_eq!(task::spawn_blocking(read_now).await.unwrap(), Some(7));
        assert_eq!(renamed::task::spawn(read()).await.unwrap(), Some(7));
    }
    in_scope(test());
}

#[test]
fn tokio_handles_and_sets() {
    #[propagate_context]
    async fn test() {
        let handle = Handle::current();
        assert_eq!(handle.spawn(async { read().await }).await.unwrap(), Some(7));
        assert_eq!(handle.spawn_blocking(|| ID.get()).await.unwrap(), Some(7));

        let mut set = JoinSet::new();
        set.spawn(async { read().await });
        set.spawn_on(async move { read().await }, &handle);
        set.spawn_blocking(|| ID.get());
        set.spawn_blocking_on(move || ID.get(), &handle);
        while let Some(seen) = set.join_next().await {
            assert_eq!(seen.unwrap(), Some(7));
        }

        let tracker = TaskTracker::new();
        assert_eq!(
            tracker.spawn(async { read().await }).await.unwrap(),
            Some(7)
        );
        assert_eq!(tracker.spawn_blocking(|| ID.get()).await.unwrap(), Some(7));
        let future = tracker.track_future(async { read().await });
        assert_eq!(handle.spawn(async { future.await }).await.unwrap(), Some(7));
    }
    in_scope(test());
}

#[test]
fn tokio_local_tasks() {
    #[propagate_context]
    async fn test() {
        let local = LocalSet::new();
        local.spawn_local(async { assert_eq!(read().await, Some(7)) });
        local
            .run_until(async {
                let seen = tokio::task::spawn_local(async { read().await }).await;
                assert_eq!(seen.unwrap(), Some(7));
                assert_eq!(tokio::task::spawn_local(read()).await.unwrap(), Some(7));
            })
            .await;
        local.await;
    }
    in_scope(test());
}

#[test]
fn pinned_pools() {
    #[propagate_context]
    async fn test() {
        let pool = LocalPoolHandle::new(2);
        assert_eq!(
            pool.spawn_pinned(|| async { read().await }).await.unwrap(),
            Some(7)
        );
        assert_eq!(pool.spawn_pinned(read).await.unwrap(), Some(7));
        assert_eq!(pool.spawn_pinned(move || read()).await.unwrap(), Some(7));
        let both = pool.spawn_pinned_by_idx(
            || {
                let made = ID.get();
                async move { (made, read().await) }
            },
            1,
        );
        assert_eq!(both.await.unwrap(), (Some(7), Some(7)));
    }
    in_scope(test());
}

#[test]
fn threads() {
    use std::thread;

    #[propagate_context]
    fn test() {
        assert_eq!(std::thread::spawn(|| ID.get()).join().unwrap(), Some(7));
        assert_eq!(thread::spawn(read_now).join().unwrap(), Some(7));
        let job: Box<dyn FnOnce() -> Option<u32> + Send> = Box::new(|| ID.get());
        assert_eq!(thread::spawn(job).join().unwrap(), Some(7));
        let named = thread::Builder::new().spawn(move || ID.get()).unwrap();
        assert_eq!(named.join().unwrap(), Some(7));
        let mut seen = None;
        thread::scope(|scope| {
            scope.spawn(|| seen = ID.get());
            let named = thread::Builder::new();
            let handle = named.spawn_scoped(scope, || ID.get()).unwrap();
            assert_eq!(handle.join().unwrap(), Some(7));
        });
        assert_eq!(seen, Some(7));
    }
    ID.sync_scope(7, test);
}

#[test]
fn rayon_pools() {
    #[propagate_context]
    fn test() {
        let (sender, seen) = mpsc::channel();
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(2)
            .build()
            .unwrap();
        let send = || sender.clone();
        let to = send();
        rayon::spawn(move || to.send(ID.get()).unwrap());
        let to = send();
        rayon::spawn_fifo(move || to.send(ID.get()).unwrap());
        let to = send();
        pool.spawn(move || to.send(ID.get()).unwrap());
        let to = send();
        pool.spawn_fifo(move || to.send(ID.get()).unwrap());
        for _ in 0..4 {
            assert_eq!(seen.recv().unwrap(), Some(7));
        }
        assert_eq!(pool.install(|| ID.get()), Some(7));
        assert_eq!(rayon::join(|| ID.get(), read_now), (Some(7), Some(7)));

        let (mut first, mut second, mut nested) = (None, None, None);
        rayon::scope(|scope| {
            scope.spawn(|_| first = ID.get());
            scope.spawn(|scope| {
                second = ID.get();
                scope.spawn(|_| nested = ID.get());
            });
        });
        assert_eq!((first, second, nested), (Some(7), Some(7), Some(7)));

        let mut from_pool = None;
        pool.install(|| rayon::scope_fifo(|scope| scope.spawn_fifo(|_| from_pool = ID.get())));
        assert_eq!(from_pool, Some(7));
    }
    ID.sync_scope(7, test);
}

#[test]
fn futures_pools() {
    #[propagate_context]
    fn test() {
        let pool = ThreadPool::builder().pool_size(1).create().unwrap();
        let (sender, seen) = mpsc::channel();
        let to = sender.clone();
        pool.spawn_ok(async move { to.send(ID.get()).unwrap() });
        let to = sender.clone();
        pool.spawn(async move { to.send(ID.get()).unwrap() })
            .unwrap();
        let handle = pool.spawn_with_handle(async { ID.get() }).unwrap();
        sender.send(futures::executor::block_on(handle)).unwrap();
        let mut local = futures::executor::LocalPool::new();
        let spawner = local.spawner();
        spawner
            .spawn_local(async move { sender.send(ID.get()).unwrap() })
            .unwrap();
        local.run();
        assert_eq!(seen.iter().collect::<Vec<_>>(), [Some(7); 4]);
    }
    ID.sync_scope(7, test);
}

#[test]
fn inside_wrappers() {
    use tracing::Instrument;

    #[propagate_context]
    async fn test(early: bool) {
        let mut set = JoinSet::new();
        set.spawn((async { read().await }));
        set.spawn({
            let start = early;
            async move { read().await.filter(|_| start) }
        });
        set.spawn(Box::pin(async { read().await }));
        set.spawn(async { read().await }.instrument(tracing::Span::none()));
        set.spawn(async { read().await }.boxed());
        set.spawn(async { read().await }.map(|seen| seen));
        set.spawn(if early {
            async { read().await }.boxed()
        } else {
            Box::pin(async { read().await }) as Pin<Box<dyn Future<Output = _> + Send>>
        });
        set.spawn(match early {
            true => async { read().await }.boxed(),
            false => async { None }.boxed(),
        });
        set.spawn(unsafe_free(async { read().await }));
        let mut seen = Vec::new();
        while let Some(id) = set.join_next().await {
            seen.push(id.unwrap());
        }
        seen.sort_unstable();
        assert_eq!(seen, [Some(7); 9]);
    }
    fn unsafe_free<F: Future>(future: F) -> F {
        future
    }
    in_scope(test(true));
}

#[test]
fn inside_other_macros() {
    #[propagate_context]
    async fn test() {
        let both = tokio::join!(tokio::spawn(async { read().await }), tokio::spawn(read()));
        assert_eq!((both.0.unwrap(), both.1.unwrap()), (Some(7), Some(7)));
        let both = tokio::try_join!(tokio::spawn(async { read().await }), tokio::spawn(read()));
        assert_eq!(both.unwrap(), (Some(7), Some(7)));
        for handle in vec![tokio::spawn(async { read().await }), tokio::spawn(read())] {
            assert_eq!(handle.await.unwrap(), Some(7));
        }
        tokio::select! {
            seen = tokio::spawn(async { read().await }) => {
                assert_eq!(seen.unwrap(), Some(7));
                let handler = std::thread::spawn(|| ID.get()).join();
                assert_eq!(handler.unwrap(), Some(7));
            }
            () = std::future::pending() => unreachable!(),
        }
        let text = format!("{:?}", std::thread::spawn(|| ID.get()).join().unwrap());
        assert_eq!(text, "Some(7)");
        let mut stream = Box::pin(async_stream::stream! {
            let handle = tokio::spawn(async { read().await });
            yield handle.await.unwrap();
        });
        assert_eq!(futures::StreamExt::next(&mut stream).await, Some(Some(7)));
        assert_eq!(stringify!(tokio::spawn(async {})), "tokio::spawn(async {})");
    }
    in_scope(test());
}

#[test]
fn custom_spawners() {
    mod jobs {
        pub(crate) fn run<F: Future>(future: F) -> impl Future<Output = F::Output> {
            future
        }

        pub(crate) struct Pool(pub(crate) u32);

        impl Pool {
            pub(crate) fn submit<R: Send + 'static>(
                &self,
                f: impl FnOnce() -> R + Send + 'static,
            ) -> std::thread::JoinHandle<R> {
                assert_eq!(self.0, 1);
                std::thread::spawn(f)
            }
        }
    }
    use jobs::Pool;

    #[propagate_context(spawn(jobs::run), spawn_blocking(Pool::submit))]
    async fn listed() {
        let pool = Pool(1);
        assert_eq!(pool.submit(read_now).join().unwrap(), Some(7));
        assert_eq!(pool.submit(|| ID.get()).join().unwrap(), Some(7));
        assert_eq!(Pool::submit(&pool, read_now).join().unwrap(), Some(7));
        let future = jobs::run(read());
        assert_eq!(
            std::thread::scope(|_| ID.sync_scope(1, || future.now_or_never())),
            None
        );
        let mut future = Box::pin(jobs::run(async { ID.get() }));
        assert_eq!(
            ID.sync_scope(1, || (&mut future).now_or_never()),
            Some(Some(7))
        );
    }

    #[propagate_context]
    async fn unlisted() {
        assert_eq!(Pool(1).submit(read_now).join().unwrap(), None);
        let mut future = Box::pin(jobs::run(async { ID.get() }));
        assert_eq!(
            ID.sync_scope(1, || (&mut future).now_or_never()),
            Some(Some(1))
        );
    }
    in_scope(async {
        listed().await;
        unlisted().await;
    });
}

#[test]
fn values_that_are_not_wrapped() {
    fn spawn<T>(value: T) -> T {
        value
    }

    struct Children(Vec<u32>);

    impl Children {
        fn spawn(&mut self, child: u32) {
            self.0.push(child);
        }
    }

    #[propagate_context]
    async fn test() {
        // This is not a future.
        let mut children = Children(Vec::new());
        children.spawn(1);
        assert_eq!(spawn(2), 2);
        assert_eq!(children.0, [1]);
    }
    in_scope(test());
}

#[test]
fn closures_with_parameters() {
    #[propagate_context]
    fn test() {
        let (send, receive) = mpsc::channel();
        rayon::spawn_broadcast(move |_| send.send(ID.get()).unwrap());
        assert!(receive.iter().all(|seen| seen == Some(7)));

        // These closures may be called more than once, so the wrapper must not move a captured value into them.
        let (send, receive) = mpsc::channel();
        let send = &*Box::leak(Box::new(std::sync::Mutex::new(send)));
        rayon::spawn_broadcast(|_| send.lock().unwrap().send(ID.get()).unwrap());
        for _ in 0..rayon::current_num_threads() {
            assert_eq!(receive.recv().unwrap(), None);
        }
    }
    ID.sync_scope(7, test);
}

#[test]
fn nested_items_are_not_visited() {
    #[propagate_context]
    async fn test() {
        fn inner() -> Option<u32> {
            std::thread::spawn(|| ID.get()).join().unwrap()
        }
        struct Worker;
        impl Worker {
            fn run() -> Option<u32> {
                std::thread::spawn(|| ID.get()).join().unwrap()
            }
        }
        macro_rules! run {
            () => {
                std::thread::spawn(|| ID.get()).join().unwrap()
            };
        }
        static LATER: std::sync::LazyLock<Option<u32>> =
            std::sync::LazyLock::new(|| std::thread::spawn(|| ID.get()).join().unwrap());
        assert_eq!(
            (inner(), Worker::run(), run!(), *LATER),
            (None, None, None, None)
        );
        assert_eq!(std::thread::spawn(|| ID.get()).join().unwrap(), Some(7));
    }
    in_scope(test());
}
