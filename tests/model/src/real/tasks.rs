//! Tasks.

use propagate_context::{Context, Propagate, task};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::task::TaskTracker;

use super::make::{body, make_with};
use super::{Env, Job, annotated, poll_to_end};
use crate::program::{Body, Fut, Spawner};
use crate::strand::Strand;

/// What a task keeps is dropped inside of it.
pub(super) async fn end_of_task(job: Job) -> Env {
    let mut env = job.await;
    env.kept.clear();
    env.tasks.clear();
    env
}

pub(super) fn spawn(by: Spawner, tracker: &TaskTracker, job: Job) -> JoinHandle<Env> {
    let token = tracker.token();
    // The token goes last.
    let until_its_end = |job: Job| -> Job {
        Box::pin(async move {
            let _token = token;
            job.await
        })
    };
    let job: Job = Box::pin(end_of_task(job));
    match by {
        Spawner::Plain => tokio::spawn(until_its_end(job)),
        Spawner::Task => task::spawn(until_its_end(job)),
        Spawner::InCurrent => tokio::spawn(until_its_end(job).in_current_context()),
        Spawner::Annotated => annotated::spawn(until_its_end(job)),
        Spawner::Detached => annotated::spawn_detached(until_its_end(job)),
    }
}

pub(super) fn spawn_blocking(by: Spawner, strand: Strand, code: Body, env: Env) -> JoinHandle<Env> {
    let token = env.tracker.token();
    let f = move || {
        let _token = token;
        poll_to_end(Box::pin(end_of_task(body(strand, &code, env))))
    };
    match by {
        Spawner::Plain => tokio::task::spawn_blocking(f),
        Spawner::Task => task::spawn_blocking(f),
        Spawner::InCurrent => tokio::task::spawn_blocking(Context::current().wrap(f)),
        Spawner::Annotated => annotated::spawn_blocking(f),
        Spawner::Detached => annotated::spawn_blocking_detached(f),
    }
}

pub(super) async fn abort(strand: &Strand, env: &mut Env, by: Spawner, fut: &Fut) {
    let mut given = env.give(fut.give);
    let snapshots = if fut.give {
        given.snapshots.clone()
    } else {
        env.snapshots.clone()
    };
    let (at_end, came) = oneshot::channel();
    given.at_end = Some(at_end);
    let job = make_with(strand, given, &snapshots, fut);
    let task = spawn(by, &env.tracker, job);
    let _panicked = came.await;
    task.abort();
    drop(task.await);
}
