//! tokio's spawners, which propagate the current context to what they spawn.
//!
//! The functions have the names and the shape of those in [`tokio::task`], so that an import is all that changes.
//! For spawners that are methods there is [`SpawnInContext`].
//!
//! ```
//! use propagate_context::{ContextVar, task};
//!
//! static TENANT: ContextVar<&str> = ContextVar::new("tenant");
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! TENANT
//!     .scope("acme", async {
//!         assert_eq!(task::spawn(async { TENANT.get() }).await.unwrap(), Some("acme"));
//!         assert_eq!(task::spawn_blocking(|| TENANT.get()).await.unwrap(), Some("acme"));
//!     })
//!     .await;
//! # }
//! ```

use std::future::Future;

use tokio::runtime::{Handle, Runtime};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

use crate::context::in_context::Propagate;
use crate::context::snapshot::Context;

/// [`tokio::spawn`], in the current context.
///
/// # Panics
///
/// Outside a tokio runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(future.in_current_context())
}

/// [`tokio::task::spawn_blocking`], in the current context.
///
/// # Panics
///
/// Outside a tokio runtime.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    tokio::task::spawn_blocking(Context::current().wrap(f))
}

/// [`tokio::task::spawn_local`], in the current context.
///
/// # Panics
///
/// Outside a `LocalSet` or a `LocalRuntime` of tokio.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: 'static> + 'static,
{
    tokio::task::spawn_local(future.in_current_context())
}

/// Spawns by a method, in the current context: [`Handle`], [`Runtime`], [`JoinSet`], and `TaskTracker` with the feature `tokio-util`.
///
/// ```
/// use propagate_context::{ContextVar, task::SpawnInContext};
/// use tokio::task::JoinSet;
///
/// static TENANT: ContextVar<&str> = ContextVar::new("tenant");
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// TENANT
///     .scope("acme", async {
///         let mut tasks = JoinSet::new();
///         tasks.spawn_in_context(async { TENANT.get() });
///         tasks.spawn_blocking_in_context(|| TENANT.get());
///         assert_eq!(tasks.join_all().await, [Some("acme"), Some("acme")]);
///     })
///     .await;
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not implement `SpawnInContext<{T}>`",
    note = "wrap what is spawned instead: `spawner.spawn(future.in_current_context())`"
)]
pub trait SpawnInContext<T>: Sized {
    /// The handle of the task: a `JoinHandle`, an `AbortHandle`.
    type Task;

    /// Its `spawn`, in the current context.
    #[track_caller]
    fn spawn_in_context<F>(self, future: F) -> Self::Task
    where
        F: Future<Output = T> + Send + 'static;

    /// Its `spawn_blocking`, in the current context.
    #[track_caller]
    fn spawn_blocking_in_context<F>(self, f: F) -> Self::Task
    where
        F: FnOnce() -> T + Send + 'static;
}

macro_rules! spawn_in_context {
    ($($(#[$cfg:meta])? $spawner:ty => $task:ty),* $(,)?) => {$(
        $(#[$cfg])?
        impl<T: Send + 'static> SpawnInContext<T> for $spawner {
            type Task = $task;

            #[track_caller]
            fn spawn_in_context<F>(self, future: F) -> $task
            where
                F: Future<Output = T> + Send + 'static,
            {
                self.spawn(future.in_current_context())
            }

            #[track_caller]
            fn spawn_blocking_in_context<F>(self, f: F) -> $task
            where
                F: FnOnce() -> T + Send + 'static,
            {
                self.spawn_blocking(Context::current().wrap(f))
            }
        }
    )*};
}

spawn_in_context! {
    &Handle => JoinHandle<T>,
    &Runtime => JoinHandle<T>,
    &mut JoinSet<T> => AbortHandle,
    #[cfg(feature = "tokio-util")] &tokio_util::task::TaskTracker => JoinHandle<T>,
}
