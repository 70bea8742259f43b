//! R1: a scope swaps its context with the thread's slot on entry and back on exit, at every poll and in the drop,
//! including during unwinding. A worker thread never keeps anything of a scope that is not running on it.

use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use propagate_context::{Context, ContextVar, Propagate};
use propagate_context_tests::{OnDrop, Seen, poll_next_once, poll_once};

static ID: ContextVar<&str> = ContextVar::new("id");
static SHARED: ContextVar<Arc<()>> = ContextVar::new("shared");

#[test]
fn a_poll_leaves_the_thread_as_it_was() {
    let mut future = pin!(ID.scope("a", async {
        tokio::task::yield_now().await;
        ID.get()
    }));
    let _ = poll_once(&mut future);
    assert_eq!(ID.get(), None);
    assert!(ID.try_set("outside").is_err(), "the scope is still open");
    ID.sync_scope("outer", || {
        let _ = poll_once(&mut future);
        assert_eq!(ID.get(), Some("outer"));
    });
}

#[test]
fn a_poll_that_panics_leaves_the_thread_as_it_was() {
    let mut future = pin!(ID.scope("a", async { panic!("on purpose") }));
    ID.sync_scope("outer", || {
        assert!(catch_unwind(AssertUnwindSafe(|| poll_once(&mut future))).is_err());
        assert_eq!(ID.get(), Some("outer"));
    });
    assert!(ID.try_set("outside").is_err(), "the scope is still open");
}

#[test]
fn a_closure_that_panics_leaves_the_thread_as_it_was() {
    let context = Context::empty().with(&ID, "a");
    assert!(catch_unwind(|| context.sync_scope(|| panic!("on purpose"))).is_err());
    assert!(catch_unwind(context.clone().wrap(|| panic!("on purpose"))).is_err());
    assert!(
        catch_unwind(AssertUnwindSafe(
            || ID.sync_scope("b", || panic!("on purpose"))
        ))
        .is_err()
    );
    let wrapped = context.wrap_fn(|| panic!("on purpose"));
    assert!(catch_unwind(AssertUnwindSafe(&wrapped)).is_err());
    assert_eq!(ID.get(), None);
    assert!(ID.try_set("outside").is_err(), "a scope is still open");
}

#[test]
fn a_destructor_that_panics_leaves_the_thread_as_it_was() {
    let guard = OnDrop(|| panic!("on purpose"));
    let future = ID.scope("a", async move {
        let _guard = guard;
        pending::<()>().await;
    });
    ID.sync_scope("outer", || {
        assert!(catch_unwind(AssertUnwindSafe(|| drop(future))).is_err());
        assert_eq!(ID.get(), Some("outer"));
    });
    assert!(ID.try_set("outside").is_err(), "the scope is still open");
}

/// At its first entry, a scope drops the context in which it was created, which may be the last owner of a value.
#[test]
fn a_destructor_that_panics_at_the_first_entry_leaves_the_thread_as_it_was() {
    static BOMB: ContextVar<OnDrop<fn()>> = ContextVar::new("bomb");
    let explode: fn() = || assert!(std::thread::panicking(), "on purpose");
    let make = || BOMB.sync_scope(OnDrop(explode), || Box::pin(ID.scope("a", pending::<()>())));
    let (dropped, mut polled) = (make(), make());
    ID.sync_scope("outer", || {
        assert!(catch_unwind(AssertUnwindSafe(|| drop(dropped))).is_err());
        assert_eq!(ID.get(), Some("outer"));
        assert!(catch_unwind(AssertUnwindSafe(|| poll_once(&mut polled))).is_err());
        assert_eq!(ID.get(), Some("outer"));
        drop(polled);
        assert_eq!(ID.get(), Some("outer"));
    });
    assert!(ID.try_set("outside").is_err(), "the scope is still open");
}

#[test]
fn a_stream_is_polled_in_its_scope_and_keeps_its_size_hint() {
    let seen = Seen::default();
    let items = futures::stream::iter(0..3).map_with(&seen);
    let mut stream = pin!(items.in_context(Context::empty().with(&ID, "a")));
    assert_eq!(futures::Stream::size_hint(&stream), (3, Some(3)));
    assert_eq!(poll_next_once(&mut stream), Poll::Ready(Some(0)));
    assert_eq!(ID.get(), None);
    assert_eq!(poll_next_once(&mut stream), Poll::Ready(Some(1)));
    assert_eq!(seen.take(), [Some("a"), Some("a")]);
}

trait MapWith: Sized {
    fn map_with(
        self,
        seen: &Seen<Option<&'static str>>,
    ) -> impl futures::Stream<Item = i32> + use<Self>;
}

impl<S: futures::Stream<Item = i32>> MapWith for S {
    fn map_with(
        self,
        seen: &Seen<Option<&'static str>>,
    ) -> impl futures::Stream<Item = i32> + use<S> {
        let seen = seen.clone();
        futures::StreamExt::map(self, move |item| {
            seen.note(ID.get());
            item
        })
    }
}

#[test]
fn a_scope_keeps_nothing_alive_after_its_end() {
    let value = Arc::new(());
    let mut future = pin!(SHARED.scope(value.clone(), ready(())));
    let _ = poll_once(&mut future);
    SHARED.sync_scope(value.clone(), || SHARED.set(value.clone()));
    future.set(SHARED.scope(Arc::new(()), ready(())));
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn every_worker_is_clean_after_panics_and_aborts() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..400_u32 {
            let task = tasks.spawn(ID.scope("a", async move {
                tokio::task::yield_now().await;
                assert!(n % 3 != 0, "on purpose");
                pending::<()>().await;
            }));
            if n % 2 == 0 {
                task.abort();
            }
        }
        tasks.abort_all();
        while tasks.join_next().await.is_some() {}
        // There are as many tasks as workers. Each task holds a worker until all have started.
        let barrier = Arc::new(std::sync::Barrier::new(4));
        let probes: Vec<_> = (0..4)
            .map(|_| {
                let barrier = barrier.clone();
                tokio::spawn(async move {
                    barrier.wait();
                    ID.get().is_none() && ID.try_set("outside").is_err()
                })
            })
            .collect();
        for probe in probes {
            assert!(probe.await.unwrap(), "a worker kept a scope");
        }
    });
}
