//! The ways in which a job gets its context.

use propagate_context::{Carried, Context, Propagate, propagate_context};

use crate::{ID, Job};

/// A way, and its name in the table.
pub type Way = (&'static str, fn(Job) -> Job);

/// Every way. Each gives the job a scope of its own in which the id is `own`.
pub const ALL: [Way; 7] = [
    ("VAR.scope", |job| Box::pin(ID.scope("own", job))),
    ("in_context", |job| {
        Box::pin(job.in_context(Context::empty().with(&ID, "own")))
    }),
    ("in_current_context", |job| {
        ID.sync_scope("own", || Box::pin(job.in_current_context()))
    }),
    ("annotated", |job| {
        ID.sync_scope("own", || Box::pin(annotated(job)))
    }),
    ("set(..)", |job| Box::pin(set(job))),
    ("message", |job| {
        let message = Carried::with_context(job, Context::empty().with(&ID, "own"));
        Box::pin(message.run_async(|job| job))
    }),
    ("nested", |job| {
        let inner = ID.sync_scope("own", || annotated(job));
        Box::pin(ID.scope("own", Context::empty().with(&ID, "own").scope(inner)))
    }),
];

#[propagate_context]
async fn annotated(job: Job) {
    job.await;
}

#[propagate_context(set(ID = "own"))]
async fn set(job: Job) {
    job.await;
}
