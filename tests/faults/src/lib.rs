//! A job that reads its context whenever it runs, each way to give it one, and each way in which it ends badly.

pub mod abort;
pub mod end;
pub mod value;
pub mod way;

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use propagate_context::ContextVar;

/// The request that something runs for.
pub static ID: ContextVar<&str> = ContextVar::new("id");

/// The future of a job.
pub type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What a job has read, in order.
#[derive(Clone, Debug, Default)]
pub struct Seen(Arc<Mutex<Vec<Option<&'static str>>>>);

impl Seen {
    /// Reads the current context.
    pub fn look(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(ID.get());
    }

    /// All that was read.
    #[must_use]
    pub fn all(&self) -> Vec<Option<&'static str>> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Reads the context when it is dropped.
#[derive(Debug)]
pub struct Looks(pub Seen);

impl Drop for Looks {
    fn drop(&mut self) {
        self.0.look();
    }
}

/// A job that reads the context at each of its polls and when it is dropped, and awaits `last` after so many turns.
#[must_use]
pub fn job(seen: &Seen, turns: usize, last: impl Future<Output = ()> + Send + 'static) -> Job {
    let looks = Looks(seen.clone());
    Box::pin(async move {
        for _ in 0..turns {
            looks.0.look();
            tokio::task::yield_now().await;
        }
        looks.0.look();
        last.await;
    })
}

/// Whether nothing of a scope is left on this thread.
#[must_use]
pub fn thread_is_clean() -> bool {
    ID.get().is_none() && ID.try_set("left over").is_err()
}
