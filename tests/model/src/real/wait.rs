//! Futures that are not ready at the first poll.

use std::future::poll_fn;
use std::task::Poll;

use super::{Env, Job};

/// Pending once.
pub(super) async fn yield_now() {
    let mut polled = false;
    poll_fn(|cx| {
        if polled {
            return Poll::Ready(());
        }
        polled = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls all of them in order until all are ready.
pub(super) async fn join(mut jobs: Vec<(Job, Option<Env>)>) -> Vec<Env> {
    poll_fn(|cx| {
        for (job, ready) in &mut jobs {
            if ready.is_none() {
                if let Poll::Ready(env) = job.as_mut().poll(cx) {
                    *ready = Some(env);
                }
            }
        }
        if jobs.iter().all(|(_, ready)| ready.is_some()) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    jobs.iter_mut()
        .filter_map(|(_, ready)| ready.take())
        .collect()
}

/// Polls all of them in order until one is ready, then drops all of them.
pub(super) async fn select(mut jobs: Vec<Job>) -> Env {
    let ready = poll_fn(|cx| {
        for job in &mut jobs {
            if let Poll::Ready(env) = job.as_mut().poll(cx) {
                return Poll::Ready(env);
            }
        }
        Poll::Pending
    })
    .await;
    drop(jobs);
    ready
}
