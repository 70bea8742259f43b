//! Futures and their wrappers.

use propagate_context::{Batch, Carried, Context, ContextMap, Propagate};

use super::body::{Arguments, run_body};
use super::{Env, Job, OnDrop, annotated, context, variable};
use crate::program::{Body, Fut, Layer};
use crate::strand::Strand;

pub(super) fn make(strand: &Strand, env: &mut Env, fut: &Fut) -> Job {
    let given = env.give(fut.give);
    let snapshots = if fut.give {
        given.snapshots.clone()
    } else {
        env.snapshots.clone()
    };
    make_with(strand, given, &snapshots, fut)
}

pub(super) fn make_with(strand: &Strand, given: Env, snapshots: &[Context], fut: &Fut) -> Job {
    let mut job = body(strand.child(), &fut.body, given);
    for layer in &fut.layers {
        job = match *layer {
            Layer::Annotated(shape) => annotated::call(shape, job),
            Layer::Detached => Box::pin(annotated::detached(job)),
            Layer::Set(name) => annotated::set(name, strand.child(), job),
            Layer::SetCall(name) => annotated::set_at_call(name, strand.label(), job),
            Layer::Scope(name) => Box::pin(variable(name).scope(strand.label(), job)),
            Layer::InContext(from) => Box::pin(job.in_context(context(snapshots, from))),
            Layer::Message(from) => {
                Box::pin(Carried::with_context(job, context(snapshots, from)).run_async(|job| job))
            }
            Layer::Batch => {
                let message = Carried::with_context(job, Context::current());
                let batch: Batch<Job> = std::iter::once(message).collect();
                Box::pin(batch.run_async(|jobs| async {
                    match jobs.into_iter().next() {
                        Some(job) => job.await,
                        None => unreachable!("there is one"),
                    }
                }))
            }
            Layer::Entry(from) => {
                let mut carrier = ContextMap::new();
                context(snapshots, from).inject(&mut carrier);
                Box::pin(annotated::entry(carrier, job))
            }
        };
    }
    job
}

pub(super) fn body(strand: Strand, body: &Body, env: Env) -> Job {
    let argument = OnDrop(strand.child(), None);
    Box::pin(run_body(strand, body.clone(), Arguments { argument, env }))
}
