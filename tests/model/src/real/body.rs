//! What a body does, one statement after the other.

use std::future::pending;
use std::panic::AssertUnwindSafe;
use std::task::{Poll, Waker};

use futures::FutureExt;
use propagate_context::Context;

use super::block::{run_sync, run_wrap};
use super::make::make;
use super::tasks::{abort, spawn, spawn_blocking};
use super::wait::{join, select, yield_now};
use super::{Env, OnDrop, at, caught, look, read, take, unwind, write};
use crate::program::{Body, Op, Place};
use crate::strand::{Event, Strand};

/// The arguments of a body. They are dropped in this order, whether it has begun or not.
pub(super) struct Arguments {
    pub(super) argument: OnDrop,
    pub(super) env: Env,
}

#[expect(clippy::too_many_lines, reason = "one arm for each operation")]
pub(super) async fn run_body(strand: Strand, body: Body, arguments: Arguments) -> Env {
    let mut env = arguments.env;
    let argument = arguments.argument;
    let mut guards = Vec::new();
    for op in &body {
        match op {
            Op::Read => strand.note(Event::Read(read())),
            Op::Set(name) => env.tokens.extend(write(&strand, *name)),
            Op::Reset(index) => {
                if let Some(token) = take(&mut env.tokens, *index) {
                    token.reset();
                }
            }
            Op::Yield => yield_now().await,
            Op::Forever => {
                if let Some(at_end) = env.at_end.take() {
                    let _gone = at_end.send(());
                }
                pending::<()>().await;
            }
            Op::Snapshot => env.snapshots.push(Context::current()),
            Op::Look(index) => {
                if let Some(at) = index.checked_rem(env.snapshots.len()) {
                    strand.note(Event::Snapshot(look(&env.snapshots[at])));
                }
            }
            Op::Guard(name) => guards.push(OnDrop(strand.child(), *name)),
            Op::Panic => unwind(),
            Op::Sync(block, given, body) => run_sync(&strand, &mut env, *block, *given, body),
            Op::Wrap(calls, from, place, body) => {
                run_wrap(&strand, &env, *calls, *from, *place, body);
            }
            Op::Await(fut) => {
                let ready = make(&strand, &mut env, fut).await;
                env.merge(ready);
            }
            Op::Catch(fut) => match AssertUnwindSafe(make(&strand, &mut env, fut))
                .catch_unwind()
                .await
            {
                Ok(ready) => env.merge(ready),
                Err(_) => strand.note(Event::Lost),
            },
            Op::Make(fut) => {
                let job = make(&strand, &mut env, fut);
                env.kept.push(job);
            }
            Op::Poll(index, place) => poll_kept(&strand, &mut env, *index, *place),
            Op::AwaitKept(index) => {
                if let Some(job) = take(&mut env.kept, *index) {
                    let ready = job.await;
                    env.merge(ready);
                }
            }
            Op::DropKept(index, place) => {
                if let Some(job) = take(&mut env.kept, *index) {
                    at(*place, || drop(job));
                }
            }
            Op::Join(futs) => {
                let jobs = futs
                    .iter()
                    .map(|fut| (make(&strand, &mut env, fut), None))
                    .collect();
                for ready in join(jobs).await {
                    env.merge(ready);
                }
            }
            Op::Select(futs) => {
                let jobs = futs
                    .iter()
                    .map(|fut| make(&strand, &mut env, fut))
                    .collect();
                let ready = select(jobs).await;
                env.merge(ready);
            }
            Op::Spawn(by, fut) => {
                let job = make(&strand, &mut env, fut);
                let task = spawn(*by, &env.tracker, job);
                env.tasks.push(task);
            }
            Op::Abort(by, fut) => abort(&strand, &mut env, *by, fut).await,
            Op::Blocking(by, given, body) => {
                let given = env.give(*given);
                let task = spawn_blocking(*by, strand.child(), body.clone(), given);
                env.tasks.push(task);
            }
            Op::AwaitTasks => {
                for task in std::mem::take(&mut env.tasks) {
                    match task.await {
                        Ok(ready) => env.merge(ready),
                        Err(_) => strand.note(Event::Lost),
                    }
                }
            }
        }
    }
    drop(guards);
    drop(argument);
    env
}

pub(super) fn poll_kept(strand: &Strand, env: &mut Env, index: usize, place: Place) {
    let Some(mut job) = take(&mut env.kept, index) else {
        return;
    };
    let poll = || {
        let mut cx = std::task::Context::from_waker(Waker::noop());
        caught(|| job.as_mut().poll(&mut cx))
    };
    match at(place, poll) {
        Some(Poll::Pending) => {
            strand.note(Event::Ready(false));
            env.kept.push(job);
        }
        Some(Poll::Ready(ready)) => {
            strand.note(Event::Ready(true));
            env.merge(ready);
        }
        None => strand.note(Event::Lost),
    }
}
