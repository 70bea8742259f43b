//! Annotated functions of every shape.
#![expect(
    clippy::let_and_return,
    clippy::redundant_async_block,
    reason = "the shapes are what is looked for"
)]

use std::future::Future;
use std::pin::{Pin, pin};

use futures::{Stream, StreamExt};
use propagate_context::{ContextMap, context_entry, propagate_context};
use tokio::task::JoinHandle;

use super::{Env, ID, Job, LOCALE, TASK_ONLY, USER};
use crate::program::{Shape, Var};
use crate::strand::{Label, Strand};

pub(super) fn call(shape: Shape, job: Job) -> Job {
    match shape {
        Shape::Async => Box::pin(in_async(job)),
        Shape::Generic => Box::pin(in_generic(job)),
        Shape::Method => Box::pin(Methods.in_method(job)),
        Shape::ImplFuture => Box::pin(in_impl_future(job)),
        Shape::Boxed => in_boxed(job),
        Shape::Stream => {
            let stream = in_stream(job);
            Box::pin(async move {
                match pin!(stream).next().await {
                    Some(env) => env,
                    None => unreachable!("it has one item"),
                }
            })
        }
        Shape::Block => in_block(job),
    }
}

#[propagate_context]
async fn in_async(job: Job) -> Env {
    job.await
}

#[propagate_context]
async fn in_generic<F: Future<Output = Env>>(job: F) -> Env {
    job.await
}

struct Methods;

#[propagate_context]
impl Methods {
    async fn in_method(self, job: Job) -> Env {
        job.await
    }
}

#[propagate_context]
fn in_impl_future(job: Job) -> impl Future<Output = Env> {
    async move { job.await }
}

#[propagate_context]
fn in_boxed(job: Job) -> Pin<Box<dyn Future<Output = Env> + Send>> {
    Box::pin(async move { job.await })
}

#[propagate_context]
fn in_stream(job: Job) -> impl Stream<Item = Env> {
    futures::stream::once(job)
}

#[propagate_context]
fn in_block(job: Job) -> Job {
    boxed(
        #[propagate_context]
        async move {
            job.await
        },
    )
}

/// A function that is not a spawner.
fn boxed(job: impl Future<Output = Env> + Send + 'static) -> Job {
    Box::pin(job)
}

#[propagate_context(detached)]
pub(super) async fn detached(job: Job) -> Env {
    job.await
}

macro_rules! of_each_variable {
    ($($name:ident => $variable:ident, $set:ident, $set_at_call:ident, $set_sync:ident;)*) => {
        pub(super) fn set(name: Var, maker: Strand, job: Job) -> Job {
            match name {
                $(Var::$name => Box::pin($set(maker, job)),)*
            }
        }

        pub(super) fn set_at_call(name: Var, value: Label, job: Job) -> Job {
            match name {
                $(Var::$name => Box::pin($set_at_call(value, job)),)*
            }
        }

        pub(super) fn set_sync(name: Var, value: Label, f: impl FnOnce() -> Env) -> Env {
            match name {
                $(Var::$name => $set_sync(value, f),)*
            }
        }

        $(
            #[propagate_context(set($variable = maker.label()))]
            async fn $set(maker: Strand, job: Job) -> Env {
                job.await
            }

            #[propagate_context(set($variable = value))]
            fn $set_at_call(value: Label, job: Job) -> impl Future<Output = Env> {
                async move { job.await }
            }

            #[propagate_context(set($variable = value))]
            fn $set_sync(value: Label, f: impl FnOnce() -> Env) -> Env {
                f()
            }
        )*
    };
}

of_each_variable! {
    Id => ID, set_id, set_id_at_call, set_id_sync;
    User => USER, set_user, set_user_at_call, set_user_sync;
    TaskOnly => TASK_ONLY, set_task_only, set_task_only_at_call, set_task_only_sync;
    Locale => LOCALE, set_locale, set_locale_at_call, set_locale_sync;
}

#[context_entry(carrier = carrier, vars = [ID], generate = none)]
pub(super) async fn entry(carrier: ContextMap, job: Job) -> Env {
    job.await
}

#[propagate_context]
pub(super) fn sync(f: impl FnOnce() -> Env) -> Env {
    f()
}

#[propagate_context(detached)]
pub(super) fn detached_sync(f: impl FnOnce() -> Env) -> Env {
    f()
}

#[propagate_context]
pub(super) fn thread(f: impl FnOnce() -> Env + Send + 'static) -> std::thread::JoinHandle<Env> {
    std::thread::spawn(f)
}

#[propagate_context]
pub(super) fn spawn(job: Job) -> JoinHandle<Env> {
    tokio::spawn(job)
}

#[propagate_context]
pub(super) fn spawn_detached(job: Job) -> JoinHandle<Env> {
    #[detached]
    let task = tokio::spawn(job);
    task
}

#[propagate_context]
pub(super) fn spawn_blocking(f: impl FnOnce() -> Env + Send + 'static) -> JoinHandle<Env> {
    tokio::task::spawn_blocking(f)
}

#[propagate_context]
pub(super) fn spawn_blocking_detached(f: impl FnOnce() -> Env + Send + 'static) -> JoinHandle<Env> {
    #[detached]
    let task = tokio::task::spawn_blocking(f);
    task
}
