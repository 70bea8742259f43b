//! R5: the destructors of a future run in the same context as its polls: on completion, cancellation, `abort`, in a
//! losing `select!` branch, on a timeout, and also for futures that were never polled.

use std::future::{pending, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};

use propagate_context::{Context, ContextVar, Propagate};
use propagate_context_tests::{OnDrop, Seen, poll_next_once, poll_once};

static ID: ContextVar<&str> = ContextVar::new("id");

type Ids = Seen<Option<&'static str>>;

fn witness(seen: &Ids) -> OnDrop<impl FnMut() + use<>> {
    let seen = seen.clone();
    OnDrop(move || seen.note(ID.get()))
}

#[test]
fn a_never_polled_future() {
    let seen = Ids::default();
    let guard = witness(&seen);
    drop(ID.scope("a", async move { drop(guard) }));
    let guard = witness(&seen);
    drop(async move { drop(guard) }.in_context(Context::empty().with(&ID, "b")));
    assert_eq!(seen.take(), [Some("a"), Some("b")]);
}

#[test]
fn a_completed_future() {
    let seen = Ids::default();
    let (argument, local) = (witness(&seen), witness(&seen));
    let mut future = Box::pin(ID.scope("a", async move {
        let _local = local;
        drop(argument);
    }));
    assert!(poll_once(&mut future).is_ready());
    assert_eq!(seen.take(), [Some("a"), Some("a")]);
}

/// A future that is ready immediately and keeps its fields.
struct Holding {
    _guard: Box<dyn Send>,
}
impl Future for Holding {
    type Output = ();
    fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<()> {
        std::task::Poll::Ready(())
    }
}

/// Values that a future still holds after completion are dropped together with the future.
#[test]
fn values_that_a_completed_future_still_holds() {
    let seen = Ids::default();
    let mut future = Box::pin(ID.scope(
        "a",
        Holding {
            _guard: Box::new(witness(&seen)),
        },
    ));
    assert!(poll_once(&mut future).is_ready());
    ID.sync_scope("dropper", || drop(future));
    assert_eq!(seen.take(), [Some("a")]);
}

#[test]
fn a_cancelled_future_sees_its_own_writes() {
    let seen = Ids::default();
    let guard = witness(&seen);
    let mut future = Box::pin(ID.scope("at first", async move {
        let _guard = guard;
        ID.set("later");
        pending::<()>().await;
    }));
    assert!(poll_once(&mut future).is_pending());
    ID.sync_scope("dropper", || {
        drop(future);
        assert_eq!(ID.get(), Some("dropper"));
    });
    assert_eq!(seen.take(), [Some("later")]);
}

#[test]
fn aborted_tasks_losing_branches_and_timeouts() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let seen = Ids::default();
    let never = |id| {
        let guard = witness(&seen);
        ID.scope(id, async move {
            let _guard = guard;
            pending::<()>().await;
        })
    };
    runtime.block_on(async {
        let task = tokio::spawn(never("aborted"));
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        tokio::select! {
            biased;
            () = never("lost") => {}
            () = ready(()) => {}
        }
        assert!(
            tokio::time::timeout(std::time::Duration::from_secs(1), never("timed out"))
                .await
                .is_err()
        );
    });
    assert_eq!(
        seen.take(),
        [Some("aborted"), Some("lost"), Some("timed out")]
    );
}

#[test]
fn a_future_that_panicked() {
    let seen = Ids::default();
    let guard = witness(&seen);
    let mut future = Box::pin(ID.scope("a", async move {
        let _guard = guard;
        panic!("on purpose");
    }));
    assert!(catch_unwind(AssertUnwindSafe(|| poll_once(&mut future))).is_err());
    drop(future);
    assert_eq!(seen.take(), [Some("a")]);
}

#[test]
fn a_stream() {
    let seen = Ids::default();
    let guard = witness(&seen);
    let mut stream = Box::pin(
        async_stream::stream! {
            let _guard = guard;
            yield 1;
            yield 2;
        }
        .in_context(Context::empty().with(&ID, "a")),
    );
    assert!(poll_next_once(&mut stream).is_ready());
    drop(stream);
    assert_eq!(seen.take(), [Some("a")]);
}

#[test]
fn a_closure_that_is_never_called() {
    let seen = Ids::default();
    let guard = witness(&seen);
    let context = Context::empty().with(&ID, "a");
    drop(context.clone().wrap(move || drop(guard)));
    let guard = witness(&seen);
    drop(context.clone().wrap_fn(move || {
        let _ = &guard;
    }));
    let guard = witness(&seen);
    context.wrap(move || drop(guard))();
    assert_eq!(seen.take(), [Some("a"); 3]);
}

#[test]
fn tasks_dropped_by_a_runtime_shutdown() {
    let seen = Ids::default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let (started, wait) = std::sync::mpsc::channel();
    for _ in 0..8 {
        let (guard, started) = (witness(&seen), started.clone());
        runtime.spawn(ID.scope("a", async move {
            let _guard = guard;
            started.send(()).unwrap();
            pending::<()>().await;
        }));
    }
    for _ in 0..8 {
        wait.recv().unwrap();
    }
    drop(runtime);
    assert_eq!(seen.take(), [Some("a"); 8]);
}
