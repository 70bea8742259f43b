//! R4: an annotated function captures the context when it is called. Its future runs in the current scope, or in the
//! captured context if there is no scope.

use std::future::Future;
use std::pin::Pin;

use futures::executor::block_on;
use futures::stream::BoxStream;
use futures::{FutureExt, Stream, StreamExt};
use propagate_context::{ContextVar, propagate_context};

static ID: ContextVar<u32> = ContextVar::new("id");

#[propagate_context]
async fn handler() -> Option<u32> {
    tokio::task::yield_now().await;
    ID.get()
}

#[tokio::test]
async fn called_before_the_scope_begins() {
    assert_eq!(ID.scope(7, handler()).await, Some(7));
    let called = ID.sync_scope(1, handler);
    assert_eq!(ID.scope(7, called).await, Some(7));
}

#[tokio::test]
async fn spawned_by_code_that_is_not_annotated() {
    let handle = ID.sync_scope(7, || tokio::spawn(handler()));
    assert_eq!(handle.await.unwrap(), Some(7));
}

#[tokio::test]
async fn a_worker_without_a_context_runs_jobs_in_their_contexts() {
    type Job = Pin<Box<dyn Future<Output = Option<u32>> + Send>>;

    #[propagate_context]
    async fn worker(jobs: Vec<Job>) -> Vec<Option<u32>> {
        let mut seen = Vec::new();
        for job in jobs {
            seen.push(job.await);
        }
        seen.push(ID.get());
        seen
    }
    let jobs: Vec<Job> = (0..3)
        .map(|id| ID.sync_scope(id, || handler().boxed()))
        .collect();
    let seen = tokio::spawn(worker(jobs)).await.unwrap();
    assert_eq!(seen, [Some(0), Some(1), Some(2), None]);
}

#[test]
fn functions_that_return_a_future() {
    fn plain() -> Pin<Box<dyn Future<Output = Option<u32>> + Send>> {
        Box::pin(async { ID.get() })
    }

    #[propagate_context]
    fn opaque(seen: &mut Option<u32>) -> impl Future<Output = Option<u32>> + Send + use<> {
        *seen = ID.get();
        async { ID.get() }
    }
    #[propagate_context]
    fn opaque_value() -> impl Future<Output = Option<u32>> + Send {
        plain()
    }
    #[propagate_context]
    fn opaque_early(early: bool) -> impl Future<Output = Option<u32>> {
        if early {
            return plain();
        }
        plain()
    }
    #[propagate_context]
    fn boxed(early: bool) -> Pin<Box<dyn Future<Output = Option<u32>> + Send>> {
        let id = ID.get();
        if early {
            return Box::pin(async { ID.get() });
        }
        Box::pin(async move { ID.get().filter(|now| Some(*now) == id) })
    }
    #[propagate_context]
    fn boxed_by_method() -> futures::future::BoxFuture<'static, Option<u32>> {
        async { ID.get() }.boxed()
    }
    #[propagate_context]
    fn boxed_from_a_variable() -> Pin<Box<dyn Future<Output = Option<u32>> + Send>> {
        let future = async { ID.get() };
        Box::pin(future)
    }
    #[propagate_context]
    fn boxed_from_a_call(early: bool) -> Pin<Box<dyn Future<Output = Option<u32>> + Send>> {
        if early {
            return Box::pin(plain());
        }
        plain().boxed()
    }
    #[propagate_context]
    fn made_elsewhere() -> Pin<Box<dyn Future<Output = Option<u32>> + Send>> {
        plain()
    }

    let mut seen = None;
    let (futures, value) = ID.sync_scope(7, || {
        let futures = [
            opaque(&mut seen).boxed(),
            opaque_value().boxed(),
            opaque_early(true).boxed(),
            opaque_early(false).boxed(),
            boxed(true),
            boxed(false),
            boxed_by_method(),
            boxed_from_a_variable(),
            boxed_from_a_call(true),
            boxed_from_a_call(false),
        ];
        (futures, made_elsewhere())
    });
    assert_eq!(
        seen,
        Some(7),
        "the part before the future runs in the scope of the call"
    );
    for future in futures {
        assert_eq!(block_on(future), Some(7));
    }
    // The type is inferred from the return type, so the future is not wrapped.
    assert_eq!(block_on(value), None);
}

#[test]
fn streams() {
    #[propagate_context]
    fn counted() -> impl Stream<Item = Option<u32>> {
        async_stream::stream! {
            yield ID.get();
            yield ID.get();
        }
    }
    #[propagate_context]
    fn boxed(by_method: bool) -> BoxStream<'static, Option<u32>> {
        let stream = async_stream::stream! {
            yield ID.get();
            yield ID.get();
        };
        if by_method {
            return stream.boxed();
        }
        Box::pin(stream)
    }
    let streams = ID.sync_scope(7, || [counted().boxed(), boxed(true), boxed(false)]);
    for stream in streams {
        assert_eq!(block_on(stream.collect::<Vec<_>>()), [Some(7); 2]);
    }
}

#[test]
fn streams_keep_their_size_hint() {
    #[propagate_context]
    fn three() -> impl Stream<Item = u32> {
        futures::stream::iter([1, 2, 3])
    }
    let mut three = std::pin::pin!(three());
    assert_eq!(three.size_hint(), (3, Some(3)));
    assert_eq!(block_on(three.next()), Some(1));
    assert_eq!(three.size_hint(), (2, Some(2)));
}

#[test]
fn traits_that_return_a_future() {
    trait Service {
        type Future: Future<Output = Option<u32>>;
        fn call(&mut self) -> Self::Future;
    }

    struct Read;

    impl Service for Read {
        type Future = Pin<Box<dyn Future<Output = Option<u32>>>>;

        #[propagate_context]
        fn call(&mut self) -> Self::Future {
            let found = ID.get();
            Box::pin(async move { ID.get().filter(|id| Some(*id) == found) })
        }
    }
    let future = ID.sync_scope(7, || Read.call());
    assert_eq!(block_on(future), Some(7));
}
