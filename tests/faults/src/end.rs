//! The ways in which a job ends badly.

use std::cell::RefCell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::task::{Context, Waker};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::{ID, Job, Seen, job};

/// An end, and its name in the table. It makes the future of the job, and calls the function to give it a context.
pub type End = (&'static str, fn(&Seen, fn(Job) -> Job));

/// Every end.
pub const ALL: [End; 16] = [
    ("panic", panics),
    ("panic in a task", panics_in_a_task),
    ("abort", abort),
    ("time-out", time_out),
    ("lost branch", lost_branch),
    ("dropped in a scope of another", dropped_elsewhere),
    ("shutdown", shutdown),
    ("shutdown in a scope of another", shutdown_in_scope),
    ("thread-local destroyed before ours", destroyed_before),
    ("thread-local destroyed after ours", destroyed_after),
    ("forgotten", forgotten),
    ("polled after it was ready", polled_after),
    ("runtime in a runtime", nested_runtimes),
    ("block_in_place", block_in_place),
    ("work stealing", work_stealing),
    ("panic in a destructor", panics_in_a_destructor),
];

fn current_thread() -> Runtime {
    Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime")
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(3)
        .enable_all()
        .build()
        .expect("a runtime")
}

fn poll(job: &mut Job) {
    let _poll = job.as_mut().poll(&mut Context::from_waker(Waker::noop()));
}

/// A panic that does not call the hook.
fn unwind() -> ! {
    resume_unwind(Box::new("on purpose"))
}

fn panics(seen: &Seen, way: fn(Job) -> Job) {
    let mut job = way(job(seen, 0, async { unwind() }));
    assert!(catch_unwind(AssertUnwindSafe(|| poll(&mut job))).is_err());
}

fn panics_in_a_task(seen: &Seen, way: fn(Job) -> Job) {
    let runtime = multi_thread();
    let task = runtime.spawn(way(job(seen, 2, async { unwind() })));
    assert!(runtime.block_on(task).is_err());
}

fn abort(seen: &Seen, way: fn(Job) -> Job) {
    current_thread().block_on(async {
        let task = tokio::spawn(way(job(seen, 1, pending())));
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        task.abort();
        assert!(task.await.is_err());
    });
}

fn time_out(seen: &Seen, way: fn(Job) -> Job) {
    let foreign = ID.scope("foreign", async {
        tokio::time::timeout(
            Duration::from_secs(1),
            with_own_scope(way(job(seen, 1, pending()))),
        )
        .await
    });
    assert!(current_thread().block_on(foreign).is_err());
}

/// Polls the job once where no scope is current, so that it opens its own.
fn with_own_scope(mut job: Job) -> Job {
    std::thread::scope(|scope| scope.spawn(|| poll(&mut job)).join()).expect("it is polled");
    job
}

fn lost_branch(seen: &Seen, way: fn(Job) -> Job) {
    current_thread().block_on(ID.scope("foreign", async {
        tokio::select! {
            biased;
            () = with_own_scope(way(job(seen, 1, pending()))) => {}
            () = tokio::task::yield_now() => {}
        }
    }));
}

fn dropped_elsewhere(seen: &Seen, way: fn(Job) -> Job) {
    let job = with_own_scope(way(job(seen, 1, pending())));
    ID.sync_scope("foreign", || drop(job));
}

fn shutdown(seen: &Seen, way: fn(Job) -> Job) {
    let runtime = multi_thread();
    let (polled, was_polled) = std::sync::mpsc::channel();
    runtime.spawn(way(job(seen, 1, async move {
        let _sent = polled.send(());
        pending::<()>().await;
    })));
    was_polled.recv().expect("it runs");
    drop(runtime);
}

fn shutdown_in_scope(seen: &Seen, way: fn(Job) -> Job) {
    let runtime = current_thread();
    runtime.spawn(with_own_scope(way(job(seen, 1, pending()))));
    ID.sync_scope("foreign", || drop(runtime));
}

thread_local! {
    static KEPT: RefCell<Option<Job>> = const { RefCell::new(None) };
}

/// Thread-locals are destroyed in the order of their first use or in the opposite one: both are tried.
fn destroyed_before(seen: &Seen, way: fn(Job) -> Job) {
    let job = way(job(seen, 1, pending()));
    let kept = || {
        KEPT.with_borrow_mut(|kept| *kept = Some(job));
        KEPT.with_borrow_mut(|kept| kept.as_mut().map(poll));
    };
    std::thread::scope(|scope| scope.spawn(kept).join()).expect("the thread ends");
}

fn destroyed_after(seen: &Seen, way: fn(Job) -> Job) {
    let mut job = way(job(seen, 1, pending()));
    let kept = || {
        poll(&mut job);
        KEPT.with_borrow_mut(|kept| *kept = Some(job));
    };
    std::thread::scope(|scope| scope.spawn(kept).join()).expect("the thread ends");
}

fn forgotten(seen: &Seen, way: fn(Job) -> Job) {
    let mut job = way(job(seen, 1, pending()));
    poll(&mut job);
    ID.sync_scope("foreign", || std::mem::forget(job));
}

fn polled_after(seen: &Seen, way: fn(Job) -> Job) {
    let ready = |job: &mut Job| {
        job.as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
            .is_ready()
    };
    let mut job = way(job(seen, 0, async {}));
    assert!(ready(&mut job));
    // Whether that panics depends on the job.
    let _again = catch_unwind(AssertUnwindSafe(|| poll(&mut job)));
}

fn nested_runtimes(seen: &Seen, way: fn(Job) -> Job) {
    let outer = multi_thread();
    let job = way(job(seen, 3, async {}));
    let inner = || std::thread::spawn(|| current_thread().block_on(job)).join();
    outer
        .block_on(ID.scope("foreign", async { tokio::task::block_in_place(inner) }))
        .expect("it ends");
}

fn block_in_place(seen: &Seen, way: fn(Job) -> Job) {
    let blocks =
        async { tokio::task::block_in_place(|| assert!(ID.get().is_none_or(|id| id == "own"))) };
    let runtime = multi_thread();
    let task = runtime.spawn(way(job(seen, 2, blocks)));
    runtime.block_on(task).expect("it ends");
}

fn work_stealing(seen: &Seen, way: fn(Job) -> Job) {
    let runtime = multi_thread();
    let tasks: Vec<_> = (0..50)
        .map(|_| runtime.spawn(way(job(seen, 20, async {}))))
        .collect();
    let foreign: Vec<_> = (0..50)
        .map(|_| runtime.spawn(ID.scope("foreign", async { tokio::task::yield_now().await })))
        .collect();
    runtime.block_on(async {
        for task in tasks.into_iter().chain(foreign) {
            task.await.expect("it ends");
        }
    });
}

/// A destructor that panics while nothing else does.
fn panics_in_a_destructor(seen: &Seen, way: fn(Job) -> Job) {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            unwind();
        }
    }
    let panics = Panics;
    let mut job = way(job(seen, 0, async move {
        let _panics = panics;
        pending::<()>().await;
    }));
    poll(&mut job);
    assert!(catch_unwind(AssertUnwindSafe(|| drop(job))).is_err());
}
