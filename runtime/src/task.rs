//! tokio's spawn functions, which propagate the current context to the spawned task.
//!
//! The functions have the same names and signatures as those in [`tokio::task`], so only the import changes. For
//! spawners that are methods, see [`SpawnInContext`].
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

/// Spawns a future as [`tokio::spawn`] does, in the current context.
///
/// # Panics
///
/// Panics if called outside of a tokio runtime.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(future.in_current_context())
}

/// Runs a closure as [`tokio::task::spawn_blocking`] does, in the current context.
///
/// # Panics
///
/// Panics if called outside of a tokio runtime.
#[track_caller]
pub fn spawn_blocking<F, R>(f: F) -> JoinHandle<R>
where
    F: FnOnce() -> R + Send + 'static,
    R: Send + 'static,
{
    tokio::task::spawn_blocking(Context::current().wrap(f))
}

/// Spawns a future as [`tokio::task::spawn_local`] does, in the current context.
///
/// # Panics
///
/// Panics if called outside of tokio's `LocalSet` and `LocalRuntime`.
#[track_caller]
pub fn spawn_local<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: 'static> + 'static,
{
    tokio::task::spawn_local(future.in_current_context())
}

/// Methods that spawn in the current context, for [`Handle`], [`Runtime`], [`JoinSet`], and, with feature `tokio-util`,
/// `TaskTracker`.
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
    /// The handle of the task: a `JoinHandle` or an `AbortHandle`.
    type Task;

    /// Calls the spawner's `spawn` with `future` in the current context.
    #[track_caller]
    fn spawn_in_context<F>(self, future: F) -> Self::Task
    where
        F: Future<Output = T> + Send + 'static;

    /// Calls the spawner's `spawn_blocking` with `f` in the current context.
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
