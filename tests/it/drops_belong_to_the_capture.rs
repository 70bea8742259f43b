//! R4, R5: the context in which a future without its own scope is dropped. This is the captured context. Its
//! destructors may also see values that were added to that context, but never the values of another request.

use futures::FutureExt;
use futures::executor::block_on;
use propagate_context::{Context, ContextVar, Propagate, propagate_context};
use propagate_context_tests::{OnDrop, Seen, poll_next_once, poll_once};
use tokio::runtime::{Builder, Runtime};

static ID: ContextVar<u32> = ContextVar::new("id");
static USER: ContextVar<&str> = ContextVar::new("user");

type Ids = Seen<(Option<u32>, Option<&'static str>)>;

fn witness(seen: &Ids) -> OnDrop<impl FnMut() + Send + use<>> {
    let seen = seen.clone();
    OnDrop(move || seen.note((ID.get(), USER.get())))
}

#[propagate_context]
async fn hold(_witness: OnDrop<impl FnMut() + Send>) {
    std::future::pending::<()>().await;
}

#[propagate_context]
fn hold_stream(witness: OnDrop<impl FnMut() + Send>) -> impl futures::Stream<Item = u32> + Send {
    futures::stream::unfold(witness, |witness| async { Some((1, witness)) })
}

#[test]
fn unpolled_and_dropped_inside_another_request() {
    let seen = Ids::default();
    let called = ID.sync_scope(1, || hold(witness(&seen)));
    ID.sync_scope(2, || USER.sync_scope("of 2", || drop(called)));
    assert_eq!(seen.take(), [(Some(1), None)]);
}

#[test]
fn only_joined_and_dropped_inside_another_request() {
    let seen = Ids::default();
    let mut called = Box::pin(ID.sync_scope(1, || hold(witness(&seen))));
    USER.sync_scope("a", || assert!(poll_once(&mut called).is_pending()));
    ID.sync_scope(2, || drop(called));
    assert_eq!(seen.take(), [(Some(1), None)]);
}

#[test]
fn dropped_in_an_empty_scope_and_outside_every_scope() {
    let seen = Ids::default();
    let call = || ID.sync_scope(1, || hold(witness(&seen)));
    let called = call();
    Context::empty().sync_scope(|| drop(called));
    let mut called = Box::pin(call());
    ID.sync_scope(2, || assert!(poll_once(&mut called).is_pending()));
    drop(called);
    assert_eq!(seen.take(), [(Some(1), None); 2]);
}

/// Cancelled in the scope of its polls: the destructor sees the same values as the polls.
#[test]
fn dropped_in_the_scope_of_its_polls() {
    let seen = Ids::default();
    ID.sync_scope(1, || {
        USER.set("a");
        // A scope adds another value to the captured context.
        let mut scoped = Box::pin(USER.scope("b", hold(witness(&seen))));
        assert!(poll_once(&mut scoped).is_pending());
        drop(scoped);
        // The same, with writes in that scope.
        let witness = witness(&seen);
        let mut scoped = Box::pin(USER.scope("c", async {
            let write = async {
                let _snapshot = Context::current();
                USER.set("d");
                std::future::pending::<()>().await;
            };
            futures::join!(hold(witness), write);
        }));
        assert!(poll_once(&mut scoped).is_pending());
        drop(scoped);
    });
    assert_eq!(seen.take(), [(Some(1), Some("b")), (Some(1), Some("d"))]);
}

#[test]
fn dropped_in_the_scope_of_its_call() {
    let seen = Ids::default();
    ID.sync_scope(1, || {
        USER.set("a");
        let called = hold(witness(&seen));
        let _snapshot = Context::current();
        USER.set("b");
        drop(called);
        let mut called = Box::pin(hold(witness(&seen)));
        assert!(poll_once(&mut called).is_pending());
        USER.set("c").reset();
        ID.set(2);
        drop(called);
    });
    assert_eq!(seen.take(), [(Some(1), Some("b")), (Some(2), Some("b"))]);
}

#[test]
fn dropped_in_a_scope_that_adds_to_the_captured_context() {
    let seen = Ids::default();
    ID.sync_scope(1, || {
        drop(USER.scope("a", hold(witness(&seen))));
        let called = hold(witness(&seen));
        USER.sync_scope("b", || drop(called));
        // A scope that replaces a captured value is not used.
        USER.set("c");
        drop(USER.scope("d", hold(witness(&seen))));
    });
    assert_eq!(
        seen.take(),
        [Some("a"), Some("b"), Some("c")].map(|user| (Some(1), user))
    );
}

/// The future writes a value in the scope that it joined, where the variable had no value before.
#[test]
fn sees_its_own_writes() {
    #[propagate_context]
    async fn write_and_hold(witness: OnDrop<impl FnMut() + Send>) {
        USER.set("written");
        hold(witness).await;
    }
    let seen = Ids::default();
    let called = ID.sync_scope(1, || write_and_hold(witness(&seen)));
    let mut scoped = Box::pin(Context::empty().scope(called));
    assert!(poll_once(&mut scoped).is_pending());
    drop(scoped);
    assert_eq!(seen.take(), [(None, Some("written"))]);
}

/// A future that captured nothing runs in the scope in which it is polled or dropped.
#[test]
fn a_future_that_captured_nothing() {
    let seen = Ids::default();
    let called = hold(witness(&seen));
    ID.sync_scope(2, || drop(called));
    assert_eq!(seen.take(), [(Some(2), None)]);
}

#[test]
fn streams() {
    let seen = Ids::default();
    let call = || ID.sync_scope(1, || Box::pin(hold_stream(witness(&seen))));
    let called = call();
    ID.sync_scope(2, || drop(called));
    let mut called = call();
    ID.sync_scope(2, || assert!(poll_next_once(&mut called).is_ready()));
    ID.sync_scope(3, || drop(called));
    assert_eq!(seen.take(), [(Some(1), None); 2]);
}

#[test]
fn futures_that_are_ready_or_have_panicked() {
    #[propagate_context]
    async fn ready(_witness: OnDrop<impl FnMut() + Send>, panics: bool) {
        assert!(!panics, "on purpose");
    }
    let seen = Ids::default();
    for panics in [false, true] {
        let called = ID.sync_scope(1, || ready(witness(&seen), panics));
        let mut called = Box::pin(std::panic::AssertUnwindSafe(called).catch_unwind());
        ID.sync_scope(2, || assert!(poll_once(&mut called).is_ready()));
        ID.sync_scope(3, || drop(called));
    }
    assert_eq!(seen.take(), [(Some(2), None); 2], "dropped in the poll");
}

#[test]
fn a_scope_of_a_value_inside_another_request() {
    let seen = Ids::default();
    let hold = async |witness: OnDrop<_>| drop(witness);
    let scoped = ID.sync_scope(1, || USER.scope("a", hold(witness(&seen))));
    ID.sync_scope(2, || drop(scoped));
    // A nested future that is dropped where it would have been polled.
    let nested = ID.sync_scope(1, || {
        let inner = USER.scope("b", hold(witness(&seen)));
        ID.scope(3, inner)
    });
    drop(nested);
    // Created outside of every scope.
    drop(ID.scope(4, USER.scope("c", hold(witness(&seen)))));
    assert_eq!(
        seen.take(),
        [
            (Some(1), Some("a")),
            (Some(1), Some("b")),
            (Some(4), Some("c"))
        ]
    );
}

fn runtimes() -> [Runtime; 2] {
    [
        Builder::new_current_thread().build().unwrap(),
        Builder::new_multi_thread()
            .worker_threads(1)
            .build()
            .unwrap(),
    ]
}

/// A runtime is shut down inside the scope of a request, which drops the tasks of other requests there.
#[test]
fn tasks_dropped_by_a_runtime_shutdown_inside_a_scope() {
    for runtime in runtimes() {
        let seen = Ids::default();
        // On the multi-thread runtime, no other task is polled after this one.
        let (block, blocked) = std::sync::mpsc::channel::<()>();
        runtime.spawn(async move { blocked.recv().unwrap_err() });
        ID.sync_scope(1, || {
            runtime.spawn(hold(witness(&seen)));
            let work = witness(&seen);
            runtime.spawn(USER.scope("a", async { drop(work) }));
            let work = witness(&seen);
            runtime.spawn(async { drop(work) }.in_current_context());
        });
        drop(block);
        ID.sync_scope(2, || USER.sync_scope("of 2", || drop(runtime)));
        let seen = seen.take();
        assert_eq!(seen.len(), 3);
        assert!(
            seen.iter()
                .all(|(id, user)| *id == Some(1) && *user != Some("of 2")),
            "{seen:?}"
        );
    }
}

#[test]
fn the_thread_has_no_context_afterwards() {
    let seen = Ids::default();
    drop(ID.sync_scope(1, || hold(witness(&seen))));
    assert!(ID.try_set(3).is_err());
    assert_eq!(block_on(async { ID.get() }), None);
}
