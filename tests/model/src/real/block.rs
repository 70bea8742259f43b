//! Synchronous code: blocks in a scope, closures in a snapshot.

use propagate_context::{Batch, Carried};

use super::make::body;
use super::{Env, OnDrop, annotated, at, caught, context, poll_to_end, variable};
use crate::program::{Block, Body, Calls, From, Place};
use crate::strand::{Event, Strand};

pub(super) fn run_sync(strand: &Strand, env: &mut Env, block: Block, given: bool, code: &Body) {
    let given_env = env.give(given);
    let snapshots = if given {
        given_env.snapshots.clone()
    } else {
        env.snapshots.clone()
    };
    let label = matches!(block, Block::Scope(_) | Block::Set(_)).then(|| strand.label());
    let job = body(strand.child(), code, given_env);
    let f = || poll_to_end(job);
    let ready = match (block, label) {
        (Block::Scope(name), Some(label)) => Some(variable(name).sync_scope(label, f)),
        (Block::Set(name), Some(label)) => Some(annotated::set_sync(name, label, f)),
        (Block::Context(from), _) => Some(context(&snapshots, from).sync_scope(f)),
        (Block::Annotated, _) => Some(annotated::sync(f)),
        (Block::Detached, _) => Some(annotated::detached_sync(f)),
        (Block::Message(from), _) => {
            Some(Carried::with_context((), context(&snapshots, from)).run(|()| f()))
        }
        (Block::Batch, _) => {
            let message = Carried::new(());
            Some(std::iter::once(message).collect::<Batch<()>>().run(|_| f()))
        }
        (Block::Thread, _) => std::thread::scope(|scope| scope.spawn(f).join()).ok(),
        (Block::AnnotatedThread, _) => annotated::thread(f).join().ok(),
        (Block::Catch, _) => caught(f),
        (Block::Scope(_) | Block::Set(_), None) => unreachable!("it has a label"),
    };
    match ready {
        Some(ready) => env.merge(ready),
        None => strand.note(Event::Lost),
    }
}

pub(super) fn run_wrap(
    strand: &Strand,
    env: &Env,
    calls: Calls,
    from: From,
    place: Place,
    code: &Body,
) {
    let context = context(&env.snapshots, from);
    let guard = OnDrop(strand.child(), None);
    let tracker = env.tracker.clone();
    let once = || {
        drop(poll_to_end(body(
            strand.child(),
            code,
            Env::new(tracker.clone()),
        )));
    };
    let done = match calls {
        Calls::Once(called) => {
            let once = &once;
            let f = context.wrap(move || {
                once();
                drop(guard);
            });
            at(place, || caught(|| if called { f() } else { drop(f) }))
        }
        Calls::Mut(times) => {
            let once = &once;
            let mut f = context.wrap_mut(move || {
                let _guard = &guard;
                once();
            });
            at(place, || caught(move || (0..times).for_each(|_| f())))
        }
        Calls::Fn(times) => {
            let once = &once;
            let f = context.wrap_fn(move || {
                let _guard = &guard;
                once();
            });
            at(place, || caught(move || (0..times).for_each(|_| f())))
        }
    };
    if done.is_none() {
        strand.note(Event::Lost);
    }
}
