//! Async closures are propagated like closures that return an `async` block.

#![expect(clippy::unused_self, reason = "stand-ins for the spawners of others")]

use std::future::Future;

use futures::executor::block_on;
use propagate_context::{Context, ContextVar, propagate_context};
use tokio_util::task::LocalPoolHandle;

static ID: ContextVar<u32> = ContextVar::new("id");

type Read = Option<u32>;

fn read_now() -> Read {
    ID.get()
}

/// Calls jobs outside of every scope.
struct Pool;

impl Pool {
    fn spawn<F: AsyncFnOnce() -> Read>(&self, job: F) -> Read {
        Context::empty().sync_scope(|| block_on(job()))
    }

    fn spawn_many<F: AsyncFnMut() -> Read>(&self, mut job: F) -> [Read; 2] {
        Context::empty().sync_scope(|| block_on(async { [job().await, job().await] }))
    }

    fn spawn_local<F: AsyncFnMut() -> Read>(&self, job: F) -> [Read; 2] {
        self.spawn_many(job)
    }

    fn spawn_ok<F: AsyncFn() -> Read>(&self, job: F) -> [Read; 2] {
        Context::empty().sync_scope(|| block_on(async { [job().await, job().await] }))
    }

    fn on_upgrade<F: FnOnce(u32) -> T, T: Future<Output = Read>>(&self, serve: F) -> Read {
        Context::empty().sync_scope(|| block_on(serve(1)))
    }
}

#[test]
fn async_closures_that_move() {
    #[propagate_context]
    fn test() {
        let text = String::from("a");
        assert_eq!(Pool.spawn(async move || read_now()), Some(7));
        assert_eq!(
            Pool.spawn(async move || {
                drop(text);
                ID.get()
            }),
            Some(7)
        );
        assert_eq!(
            Pool.on_upgrade(async move |socket| ID.get().map(|id| id + socket)),
            Some(8)
        );
    }
    ID.sync_scope(7, test);
}

#[test]
fn async_closures_that_borrow() {
    #[propagate_context]
    fn test() {
        let mut count = 0;
        assert_eq!(Pool.spawn(async || read_now()), Some(7));
        let seen = Pool.spawn_many(async || {
            count += 1;
            ID.get()
        });
        assert_eq!((seen, count), ([Some(7); 2], 2));
        assert_eq!(Pool.on_upgrade(async |_| ID.get()), Some(7));
    }
    ID.sync_scope(7, test);
}

#[test]
fn async_closures_that_return_early() {
    #[propagate_context]
    fn test() {
        let seen = Pool.spawn(async move || -> Read {
            let id = ID.get()?;
            if id > 1 {
                return Some(id);
            }
            None
        });
        assert_eq!(seen, Some(7));
    }
    ID.sync_scope(7, test);
}

#[test]
fn async_closures_at_pinned_pools() {
    #[propagate_context]
    async fn test() {
        let pool = LocalPoolHandle::new(1);
        assert_eq!(pool.spawn_pinned(async || ID.get()).await.unwrap(), Some(7));
        let seen = pool.spawn_pinned(async move || {
            tokio::task::yield_now().await;
            ID.get()
        });
        assert_eq!(seen.await.unwrap(), Some(7));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(ID.scope(7, test()));
}

/// A type parameter that is only bound by `AsyncFnOnce` is not known to implement `FnOnce`.
#[test]
fn async_closures_of_type_parameters() {
    #[propagate_context]
    fn once<F: AsyncFnOnce() -> Read>(job: F) -> Read {
        Pool.spawn(job)
    }
    #[propagate_context]
    fn often(job: impl AsyncFnMut() -> Read) -> [Read; 2] {
        Pool.spawn_local(job)
    }
    #[propagate_context]
    fn shared<F>(job: F) -> [Read; 2]
    where
        F: AsyncFn() -> Read,
    {
        Pool.spawn_ok(job)
    }
    ID.sync_scope(7, || {
        let text = String::from("a");
        let job = async move || {
            drop(text);
            ID.get()
        };
        assert_eq!(once(job), Some(7));
        let mut calls = 0;
        let job = async || {
            calls += 1;
            ID.get()
        };
        assert_eq!(often(job), [Some(7); 2]);
        assert_eq!(calls, 2);
        assert_eq!(shared(async || ID.get()), [Some(7); 2]);
    });
}

/// The future borrows the captured values.
#[test]
fn async_closures_with_a_parameter_in_variables() {
    #[propagate_context]
    fn test() {
        let text = String::from("a");
        let serve = async move |socket| ID.get().map(|id| id + socket + u32::from(text.is_empty()));
        assert_eq!(Pool.on_upgrade(serve), Some(8));
        let annotated = #[propagate_context]
        async move |socket| ID.get().map(|id| id + socket);
        assert_eq!(Pool.on_upgrade(annotated), Some(8));
    }
    ID.sync_scope(7, test);
}

#[test]
fn annotated_and_detached_async_closures() {
    fn run<F: AsyncFn() -> Read>(job: F) -> Read {
        Context::empty().sync_scope(|| block_on(job()))
    }
    #[propagate_context]
    fn test() {
        let annotated = #[propagate_context]
        async move || ID.get();
        assert_eq!(run(annotated), Some(7));
        let borrowed = #[propagate_context]
        async || ID.get();
        assert_eq!(run(borrowed), Some(7));
        #[detached]
        let seen = Pool.spawn(async move || ID.get());
        assert_eq!(seen, None);
    }
    ID.sync_scope(7, test);
}
