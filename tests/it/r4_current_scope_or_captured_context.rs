//! R4: an annotated function captures the context when it is called. At a poll, it enters the scope that it has opened
//! before. Otherwise, it runs in the current scope, or, if there is none, opens a scope with the captured context.

use std::future::Future;
use std::pin::Pin;

use futures::executor::block_on;
use futures::future::join_all;
use propagate_context::{Context, ContextVar, Propagate, propagate_context};
use propagate_context_tests::{OnDrop, Seen, poll_once};

static ID: ContextVar<&str> = ContextVar::new("id");
static N: ContextVar<u32> = ContextVar::new("n");

#[propagate_context]
async fn read() -> Option<&'static str> {
    ID.get()
}

#[propagate_context]
async fn read_twice() -> [Option<&'static str>; 2] {
    let before = ID.get();
    tokio::task::yield_now().await;
    [before, ID.get()]
}

#[propagate_context]
async fn write(id: &'static str) -> Option<&'static str> {
    ID.set(id);
    tokio::task::yield_now().await;
    ID.get()
}

#[test]
fn joins_the_scope_of_its_poll_even_if_called_before_it() {
    let called = read();
    assert_eq!(block_on(ID.scope("scope", called)), Some("scope"));
    let called = ID.sync_scope("caller", read);
    assert_eq!(block_on(ID.scope("scope", called)), Some("scope"));
}

#[test]
fn enters_the_callers_context_if_none_is_current() {
    let called = ID.sync_scope("caller", read_twice);
    assert_eq!(block_on(called), [Some("caller"); 2]);
}

#[test]
fn sees_the_callers_context_if_spawned_by_code_that_is_not_annotated() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let seen = runtime.block_on(ID.scope("caller", async {
        tokio::spawn(read_twice()).await.unwrap()
    }));
    assert_eq!(seen, [Some("caller"); 2]);
}

#[test]
fn its_own_scope_is_kept_when_polled_in_another() {
    let mut called = Box::pin(ID.sync_scope("own", read_twice));
    assert!(poll_once(&mut called).is_pending());
    assert_eq!(block_on(ID.scope("another", called)), [Some("own"); 2]);
    // Its scope was opened with an empty context and has been written to since. It is still used.
    let mut called = Box::pin(write("written"));
    assert!(poll_once(&mut called).is_pending());
    assert_eq!(block_on(ID.scope("another", called)), Some("written"));
}

#[test]
fn its_writes_are_seen_by_the_joined_scope() {
    let seen = block_on(Context::empty().scope(async {
        write("written").await;
        ID.get()
    }));
    assert_eq!(seen, Some("written"));
    assert_eq!(ID.get(), None);
}

#[test]
fn functions_joined_in_one_task_share_its_scope_unless_they_have_set() {
    #[propagate_context(set(ID = id))]
    async fn set(id: &'static str) -> Option<&'static str> {
        tokio::task::yield_now().await;
        ID.get()
    }
    let shared =
        block_on(Context::empty().scope(async { join_all([write("a"), write("b")]).await }));
    assert_eq!(shared, [Some("b"), Some("b")]);
    let own = block_on(Context::empty().scope(async { join_all([set("a"), set("b")]).await }));
    assert_eq!(own, [Some("a"), Some("b")]);
}

type Job = Pin<Box<dyn Future<Output = Option<&'static str>>>>;

#[test]
fn jobs_of_a_worker_without_a_context_see_their_captured_context() {
    #[propagate_context]
    async fn worker(jobs: Vec<Job>) -> Vec<Option<&'static str>> {
        let mut seen = Vec::new();
        for job in jobs {
            seen.push(job.await);
            seen.push(ID.get());
        }
        seen
    }
    let queued: Vec<Job> = vec![
        Box::pin(ID.sync_scope("job 1", read)),
        Box::pin(read()),
        Box::pin(ID.sync_scope("job 2", || N.scope(1, async { ID.get() }))),
    ];
    let seen = block_on(worker(queued));
    assert_eq!(seen, [Some("job 1"), None, None, None, Some("job 2"), None]);
}

/// Once the worker's scope has a value, it is an ordinary scope.
#[test]
fn jobs_run_in_the_scope_of_an_annotated_worker_with_a_value() {
    #[propagate_context]
    async fn worker(job: Job) -> Option<&'static str> {
        N.set(1);
        job.await
    }
    let job = Box::pin(ID.sync_scope("job", read));
    assert_eq!(block_on(worker(job)), None);
}

/// The first write permanently turns a vacant scope into an ordinary one.
#[test]
fn jobs_join_a_worker_that_reset_its_values() {
    #[propagate_context]
    async fn worker(job: Job) -> Option<&'static str> {
        N.set(1).reset();
        job.await
    }
    let job = Box::pin(ID.sync_scope("job", read));
    assert_eq!(block_on(worker(job)), None);
}

#[test]
fn an_explicit_empty_scope_is_joined() {
    let called = ID.sync_scope("caller", read);
    assert_eq!(block_on(Context::empty().scope(called)), None);
    let called = ID.sync_scope("caller", read);
    assert_eq!(Context::empty().sync_scope(|| block_on(called)), None);
}

#[test]
fn detached_runs_in_its_own_empty_scope() {
    #[propagate_context(detached)]
    async fn detached() -> Option<&'static str> {
        let found = ID.get();
        ID.set("own");
        found
    }
    #[propagate_context(detached)]
    fn detached_too() -> Option<&'static str> {
        ID.get()
    }
    let seen = block_on(ID.scope("caller", async {
        (detached().await, detached_too(), ID.get())
    }));
    assert_eq!(seen, (None, None, Some("caller")));
}

#[test]
fn a_synchronous_function_joins_or_opens_an_empty_scope() {
    #[propagate_context]
    fn set() -> Option<&'static str> {
        ID.set("written");
        ID.get()
    }
    assert_eq!(set(), Some("written"));
    assert_eq!(ID.get(), None);
    assert!(ID.try_set("outside").is_err());
    ID.sync_scope("outer", || {
        set();
        assert_eq!(ID.get(), Some("written"));
    });
}

#[test]
fn its_destructors_run_in_the_context_of_its_polls() {
    #[propagate_context]
    async fn hold(_guard: OnDrop<impl FnMut()>) {
        std::future::pending::<()>().await;
    }
    let seen = Seen::default();
    let call = || {
        let seen = seen.clone();
        hold(OnDrop(move || seen.note(ID.get())))
    };
    // If it was never polled, or has only joined other scopes: in the captured context.
    drop(ID.sync_scope("caller", call));
    let called = ID.sync_scope("caller", call);
    ID.sync_scope("dropper", || drop(called));
    let mut called = Box::pin(ID.sync_scope("caller", call));
    ID.sync_scope("joined", || assert!(poll_once(&mut called).is_pending()));
    drop(called);
    // If it has its own scope: in that scope.
    let mut called = Box::pin(ID.sync_scope("own", call));
    assert!(poll_once(&mut called).is_pending());
    ID.sync_scope("dropper", || drop(called));
    // If it captured nothing: in the context that is current when it is dropped.
    let called = call();
    ID.sync_scope("dropper", || drop(called));
    assert_eq!(
        seen.take(),
        ["caller", "caller", "caller", "own", "dropper"].map(Some)
    );
    assert!(ID.try_set("outside").is_err(), "a scope is still open");
}

#[test]
fn a_stream_runs_in_the_current_scope_or_in_the_captured_context() {
    #[propagate_context]
    fn ids() -> impl futures::Stream<Item = Option<&'static str>> {
        async_stream::stream! {
            yield ID.get();
            yield ID.get();
        }
    }
    let collect = |stream| block_on(futures::StreamExt::collect::<Vec<_>>(stream));
    assert_eq!(
        collect(ID.sync_scope("caller", || Box::pin(ids()))),
        [Some("caller"); 2]
    );
    let stream = ID.sync_scope("caller", || Box::pin(ids()));
    assert_eq!(
        ID.sync_scope("poller", || collect(stream)),
        [Some("poller"); 2]
    );
}

/// These are documented limits.
#[test]
fn a_shared_future_runs_in_the_scope_of_its_poller_unless_wrapped() {
    use futures::FutureExt;
    let shared = ID.sync_scope("maker", || read().shared());
    assert_eq!(block_on(ID.scope("poller", shared)), Some("poller"));
    let pinned = ID.sync_scope("maker", || read().in_current_context().shared());
    assert_eq!(block_on(ID.scope("poller", pinned)), Some("maker"));
}
