//! The ways to abort a task from the scope of another request, after so many of its polls.

use std::future::pending;
use std::pin::Pin;
use std::sync::mpsc::{self, Receiver, Sender};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinSet, LocalSet, yield_now};

use crate::{ID, Job, Seen, job};

/// A way to abort, and its name in the table.
pub type Abort = (&'static str, fn(&Task));

/// Every way.
pub const ALL: [Abort; 9] = [
    ("JoinHandle::abort", join_handle),
    ("AbortHandle::abort", abort_handle),
    ("JoinSet::abort_all", abort_all),
    ("JoinSet dropped", join_set_dropped),
    ("LocalSet dropped", local_set_dropped),
    ("runtime dropped", runtime_dropped),
    ("shutdown_timeout", shutdown_timeout),
    ("shutdown_background", shutdown_background),
    (
        "shutdown_background, workers",
        shutdown_background_of_workers,
    ),
];

/// How many awaits the task has before the last one, at which it stays.
pub const TURNS: usize = 3;

/// What is to be aborted.
#[derive(Debug)]
pub struct Task {
    /// What its job sees.
    pub seen: Seen,
    /// How the job gets its context.
    pub way: fn(Job) -> Job,
    /// How often it is polled before it is aborted.
    pub polls: usize,
}

impl Task {
    /// The task, and what is disconnected when it has been dropped.
    fn start(&self) -> (Whole, Receiver<()>) {
        let (alive, dropped) = mpsc::channel();
        let job = (self.way)(job(&self.seen, TURNS, pending()));
        (Whole { job, _alive: alive }, dropped)
    }

    /// Waits for the polls.
    async fn polled(&self) {
        while self.seen.all().len() < self.polls {
            yield_now().await;
        }
    }
}

/// Drops the job first.
struct Whole {
    job: Job,
    _alive: Sender<()>,
}

impl Future for Whole {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.job.as_mut().poll(cx)
    }
}

fn current_thread() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

/// Runs `f` in the scope of another request.
fn foreign(f: impl Future<Output = ()>) {
    current_thread().block_on(ID.scope("foreign", f));
}

fn join_handle(task: &Task) {
    foreign(async {
        let handle = tokio::spawn(task.start().0);
        task.polled().await;
        handle.abort();
        assert!(handle.await.is_err());
    });
}

fn abort_handle(task: &Task) {
    foreign(async {
        let handle = tokio::spawn(task.start().0);
        task.polled().await;
        handle.abort_handle().abort();
        assert!(handle.await.is_err());
    });
}

fn abort_all(task: &Task) {
    foreign(async {
        let mut set = JoinSet::new();
        set.spawn(task.start().0);
        task.polled().await;
        set.abort_all();
        while set.join_next().await.is_some() {}
    });
}

fn join_set_dropped(task: &Task) {
    foreign(async {
        let mut set = JoinSet::new();
        let (whole, dropped) = task.start();
        set.spawn(whole);
        task.polled().await;
        drop(set);
        while dropped.try_recv() != Err(mpsc::TryRecvError::Disconnected) {
            yield_now().await;
        }
    });
}

fn local_set_dropped(task: &Task) {
    let set = LocalSet::new();
    set.spawn_local(task.start().0);
    current_thread().block_on(set.run_until(task.polled()));
    ID.sync_scope("foreign", || drop(set));
}

/// Has the task polled by a runtime, which is shut down.
fn shut_down(runtime: Runtime, task: &Task, shut_down: fn(Runtime)) {
    let (whole, dropped) = task.start();
    runtime.spawn(whole);
    runtime.block_on(task.polled());
    ID.sync_scope("foreign", || shut_down(runtime));
    assert!(dropped.recv().is_err(), "nothing is sent");
}

fn runtime_dropped(task: &Task) {
    shut_down(current_thread(), task, drop);
}

fn shutdown_timeout(task: &Task) {
    let shutdown = |runtime: Runtime| runtime.shutdown_timeout(Duration::from_secs(60));
    shut_down(current_thread(), task, shutdown);
}

fn shutdown_background(task: &Task) {
    shut_down(current_thread(), task, Runtime::shutdown_background);
}

fn shutdown_background_of_workers(task: &Task) {
    let runtime = Builder::new_multi_thread().worker_threads(2).build();
    let shutdown = Runtime::shutdown_background;
    shut_down(runtime.expect("a runtime"), task, shutdown);
}
