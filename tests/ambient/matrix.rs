//! Each way to start a child, without and with a registered accessor.

use std::future::pending;
use std::sync::Arc;
use std::thread;

use futures::StreamExt as _;
use futures::executor::block_on;
use propagate_context::{Carried, Context, Propagate, propagate_context, task};
use propagate_context_tests::{OnDrop, Seen, poll_next_once, poll_once};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, yield_now};

use super::{ID, LOCAL, Read, read};

/// In a scope where the variable is 7, on a thread where the state is 7.
const BOTH: Read = (Some(7), 7);

type Row = fn(&Runtime) -> Vec<Read>;

/// A way to start a child; what the child reads with and without an accessor; how often.
const ROWS: &[(&str, Row, Read, Read, usize)] = &[
    (
        "a rewritten spawn of two polls",
        spawn,
        BOTH,
        (Some(7), 0),
        2,
    ),
    ("spawn_blocking", spawn_blocking, BOTH, (Some(7), 0), 1),
    ("task::spawn", task_spawn, BOTH, (Some(7), 0), 1),
    ("a thread", a_thread, BOTH, (Some(7), 0), 1),
    ("a rayon pool", rayon_pool, BOTH, (Some(7), 0), 1),
    ("a JoinSet", join_set, BOTH, (Some(7), 0), 2),
    (
        "a stream, its items and its drop",
        stream,
        BOTH,
        (Some(7), 0),
        3,
    ),
    ("wrap_fn on two threads", wrap_fn, BOTH, (Some(7), 0), 4),
    ("wrap_mut", wrap_mut, BOTH, (Some(7), 0), 2),
    ("an aborted task", abort, BOTH, (Some(7), 0), 2),
    ("dropped unpolled", unpolled, BOTH, (Some(7), 0), 2),
    (
        "a closure that is never called",
        never_called,
        BOTH,
        (Some(7), 0),
        1,
    ),
    ("a panic", panic, BOTH, (Some(7), 0), 2),
    ("set after the capture", set_after, BOTH, (Some(7), 0), 2),
    (
        "set inside, kept by the scope",
        set_inside,
        (Some(9), 7),
        (Some(9), 0),
        2,
    ),
    (
        "sync_scope of a snapshot",
        sync_scope,
        BOTH,
        (Some(7), 0),
        2,
    ),
    ("interleaved", interleaved, BOTH, (Some(7), 0), 4),
    (
        "nested, of another state",
        nested,
        (Some(7), 8),
        (Some(7), 0),
        2,
    ),
    (
        "a snapshot with another value",
        with_value,
        (Some(8), 7),
        (Some(8), 0),
        1,
    ),
    (
        "a snapshot without a value",
        without_value,
        (None, 7),
        (None, 0),
        2,
    ),
    ("outside every scope", outside, (None, 7), (None, 0), 1),
    ("detached", detached, (None, 0), (None, 0), 2),
    (
        "a scope of a value",
        scope_of_a_value,
        (Some(8), 0),
        (Some(8), 0),
        1,
    ),
    (
        "an annotated call that brings its capture",
        brought,
        (Some(7), 0),
        (Some(7), 0),
        1,
    ),
    (
        "an annotated call that joins a child",
        joined,
        BOTH,
        (Some(7), 0),
        1,
    ),
    ("a message", message, (Some(7), 0), (Some(7), 0), 1),
];

pub(super) fn run(registered: bool) {
    let runtimes: [fn() -> Runtime; 2] = [
        || Builder::new_current_thread().build().unwrap(),
        || {
            Builder::new_multi_thread()
                .worker_threads(2)
                .build()
                .unwrap()
        },
    ];
    for runtime in runtimes {
        for &(name, row, with, without, count) in ROWS {
            let runtime = runtime();
            LOCAL.set(7);
            let reads = ID.sync_scope(7, || row(&runtime));
            assert_eq!(LOCAL.replace(0), 7, "{name}: the thread's own state");
            let expected = if registered { with } else { without };
            assert_eq!(
                reads,
                vec![expected; count],
                "{name}, registered: {registered}"
            );
            for _ in 0..4 {
                let after =
                    runtime.block_on(async { tokio::spawn(async { read() }).await.unwrap() });
                assert_eq!(after, (None, 0), "{name}: a worker's thread afterwards");
            }
            assert_eq!(read(), (None, 0), "{name}: the thread afterwards");
        }
    }
}

/// Awaits a spawned child on a thread that has another state.
fn finish<T>(runtime: &Runtime, future: impl Future<Output = T>) -> T {
    let own = LOCAL.replace(0);
    let result = runtime.block_on(Context::empty().scope(future));
    LOCAL.set(own);
    result
}

/// Runs `f` without a scope and without a state.
fn elsewhere<R>(f: impl FnOnce() -> R) -> R {
    let own = LOCAL.replace(0);
    let result = Context::empty().sync_scope(f);
    LOCAL.set(own);
    result
}

fn witness(seen: &Seen<Read>) -> OnDrop<impl FnMut() + Send + use<>> {
    let seen = seen.clone();
    OnDrop(move || seen.note(read()))
}

#[propagate_context]
fn spawn(runtime: &Runtime) -> Vec<Read> {
    let task = runtime.spawn(async {
        let first = read();
        yield_now().await;
        vec![first, read()]
    });
    finish(runtime, task).unwrap()
}

#[propagate_context]
fn spawn_blocking(runtime: &Runtime) -> Vec<Read> {
    let task = runtime.spawn_blocking(|| vec![read()]);
    finish(runtime, task).unwrap()
}

fn task_spawn(runtime: &Runtime) -> Vec<Read> {
    let guard = runtime.enter();
    let spawned = task::spawn(async { vec![read()] });
    drop(guard);
    finish(runtime, spawned).unwrap()
}

#[propagate_context]
fn a_thread(_: &Runtime) -> Vec<Read> {
    thread::spawn(|| vec![read()]).join().unwrap()
}

#[propagate_context]
fn rayon_pool(_: &Runtime) -> Vec<Read> {
    let (sender, receiver) = std::sync::mpsc::channel();
    rayon::spawn(move || sender.send(read()).unwrap());
    receiver.iter().collect()
}

#[propagate_context]
fn join_set(runtime: &Runtime) -> Vec<Read> {
    let mut set = JoinSet::new();
    set.spawn_on(async { read() }.in_current_context(), runtime.handle());
    set.spawn_on(async { read() }.in_current_context(), runtime.handle());
    finish(runtime, set.join_all())
}

fn stream(_: &Runtime) -> Vec<Read> {
    let seen = Seen::default();
    let witness = witness(&seen);
    let items = futures::stream::repeat_with(move || {
        let _held = &witness;
        read()
    });
    let mut items = Box::pin(items.take(5).in_current_context());
    let mut next = || elsewhere(|| poll_next_once(&mut items));
    let mut reads: Vec<_> = [next(), next()]
        .into_iter()
        .map(|item| match item {
            std::task::Poll::Ready(Some(read)) => read,
            _ => unreachable!("it is always ready"),
        })
        .collect();
    elsewhere(|| drop(items));
    reads.extend(seen.take());
    reads
}

fn wrap_fn(_: &Runtime) -> Vec<Read> {
    let job = Arc::new(Context::current().wrap_fn(|| {
        let found = read();
        // State that a call leaves behind ends with the call.
        ID.set(99);
        found
    }));
    let threads = [(); 2].map(|()| {
        let job = job.clone();
        thread::spawn(move || [job(), job()])
    });
    threads
        .into_iter()
        .flat_map(|thread| thread.join().unwrap())
        .collect()
}

fn wrap_mut(_: &Runtime) -> Vec<Read> {
    let mut job = Context::current().wrap_mut(read);
    elsewhere(|| vec![job(), job()])
}

fn abort(runtime: &Runtime) -> Vec<Read> {
    let seen = Seen::default();
    let held = witness(&seen);
    let (note, (begun, has_begun)) = (seen.clone(), tokio::sync::oneshot::channel());
    let work = async move {
        let _held = held;
        note.note(read());
        begun.send(()).unwrap();
        pending::<()>().await;
    };
    let task = runtime.spawn(work.in_current_context());
    finish(runtime, async {
        has_begun.await.unwrap();
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    seen.take()
}

fn unpolled(_: &Runtime) -> Vec<Read> {
    let seen = Seen::default();
    let (first, second) = (witness(&seen), witness(&seen));
    let future = async move { drop((first, second)) }.in_current_context();
    elsewhere(|| drop(future));
    seen.take()
}

fn never_called(_: &Runtime) -> Vec<Read> {
    let seen = Seen::default();
    let held = witness(&seen);
    let job = Context::current().wrap(move || drop(held));
    elsewhere(|| drop(job));
    seen.take()
}

fn panic(runtime: &Runtime) -> Vec<Read> {
    let seen = Seen::default();
    let (held, note) = (witness(&seen), seen.clone());
    let work = async move {
        let _held = held;
        note.note(read());
        yield_now().await;
        panic!("on purpose");
    };
    let task = runtime.spawn(work.in_current_context());
    assert!(finish(runtime, task).unwrap_err().is_panic());
    seen.take()
}

fn set_after(runtime: &Runtime) -> Vec<Read> {
    let future = async { read() }.in_current_context();
    let job = Context::current().wrap(read);
    let token = ID.set(8);
    LOCAL.set(8);
    let reads = vec![finish(runtime, future), elsewhere(job)];
    token.reset();
    LOCAL.set(7);
    reads
}

fn set_inside(_: &Runtime) -> Vec<Read> {
    let seen = Seen::default();
    let held = witness(&seen);
    let work = async {
        let _held = held;
        ID.set(9);
        yield_now().await;
        read()
    };
    let mut future = Box::pin(work.in_current_context());
    elsewhere(|| {
        assert!(poll_once(&mut future).is_pending());
        if let std::task::Poll::Ready(read) = poll_once(&mut future) {
            seen.note(read);
        }
        drop(future);
    });
    seen.take()
}

fn sync_scope(_: &Runtime) -> Vec<Read> {
    let context = Context::current();
    elsewhere(|| {
        let inner = context.sync_scope(|| Context::current().sync_scope(read));
        vec![inner, context.sync_scope(read)]
    })
}

/// The first entered finishes first.
fn interleaved(_: &Runtime) -> Vec<Read> {
    let make = || {
        Box::pin(
            async {
                let first = read();
                yield_now().await;
                [first, read()]
            }
            .in_current_context(),
        )
    };
    let (mut a, mut b) = (make(), make());
    elsewhere(|| {
        assert!(poll_once(&mut a).is_pending());
        assert!(poll_once(&mut b).is_pending());
        let mut reads = Vec::new();
        for future in [a, b] {
            reads.extend(block_on(future));
        }
        reads
    })
}

fn nested(runtime: &Runtime) -> Vec<Read> {
    let task = runtime.spawn(
        async {
            let own = LOCAL.replace(if LOCAL.get() == 0 { 0 } else { 8 });
            let children = [(); 2].map(|()| async { read() }.in_current_context());
            LOCAL.set(own);
            let [first, second] = children.map(tokio::spawn);
            vec![first.await.unwrap(), second.await.unwrap()]
        }
        .in_current_context(),
    );
    finish(runtime, task).unwrap()
}

fn with_value(_: &Runtime) -> Vec<Read> {
    let context = Context::current().with(&ID, 8);
    assert_eq!(context.get(&ID), Some(8));
    elsewhere(|| vec![context.sync_scope(read)])
}

fn without_value(_: &Runtime) -> Vec<Read> {
    let context = Context::current().without(&ID);
    assert!(context.is_empty());
    elsewhere(|| vec![context.sync_scope(read), context.wrap(read)()])
}

fn outside(_: &Runtime) -> Vec<Read> {
    thread::scope(|threads| {
        let job = threads.spawn(|| {
            LOCAL.set(7);
            Context::current()
        });
        let context = job.join().unwrap();
        elsewhere(|| {
            vec![context.sync_scope(|| {
                assert!(ID.try_set(1).is_ok(), "a scope of its own");
                assert_eq!(ID.get(), Some(1));
                (None, LOCAL.get())
            })]
        })
    })
}

#[propagate_context]
fn detached(runtime: &Runtime) -> Vec<Read> {
    #[detached]
    let task = runtime.spawn(async { read() });
    #[detached]
    let thread = thread::spawn(read);
    vec![finish(runtime, task).unwrap(), thread.join().unwrap()]
}

fn scope_of_a_value(runtime: &Runtime) -> Vec<Read> {
    let future = ID.scope(8, async { read() });
    vec![finish(runtime, future)]
}

#[propagate_context]
async fn annotated() -> Read {
    read()
}

fn brought(_: &Runtime) -> Vec<Read> {
    let called = annotated();
    vec![thread::spawn(|| block_on(called)).join().unwrap()]
}

fn joined(runtime: &Runtime) -> Vec<Read> {
    let task = runtime.spawn(async { annotated().await }.in_current_context());
    vec![finish(runtime, task).unwrap()]
}

fn message(_: &Runtime) -> Vec<Read> {
    let message = Carried::new(());
    elsewhere(|| vec![message.run(|()| read())])
}
