//! `propagate-context`.

use std::cell::Cell;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Poll;

use propagate_context::{Context, ContextVar, InContext, Propagate, propagate_context, task};

use crate::{Case, Run, SIZES, Ticks, poll_once, poll_repeatedly, spawn_repeatedly};

const OURS: &str = "ours";

/// How many scopes are nested where that is what grows.
pub const DEPTHS: [usize; 5] = [1, 10, 50, 100, 200];

static VARS: [ContextVar<u64>; 256] = [const { ContextVar::new("variable") }; 256];
static NAME: ContextVar<std::sync::Arc<str>> = ContextVar::new("name");

/// A context with `size` variables. Each process numbers them alike, so that counts repeat.
#[must_use]
pub fn context(size: usize) -> Context {
    let add = |context: Context, variable: &'static ContextVar<u64>| context.with(variable, 1);
    let _numbered = VARS.iter().fold(Context::empty(), add);
    VARS.iter().take(size).fold(Context::empty(), add)
}

/// The variable that was added last.
fn last(size: usize) -> &'static ContextVar<u64> {
    &VARS[size - 1]
}

/// Runs in a scope with `size` variables.
fn within(size: usize, mut run: impl FnMut(u32) + 'static) -> Run {
    let context = context(size);
    Box::new(move |times| context.sync_scope(|| run(times)))
}

/// An annotated function that is never ready.
#[propagate_context]
pub fn annotated<F: Future<Output = ()>>(future: F) -> impl Future<Output = ()> {
    future
}

/// A future in the current context.
pub fn brought<F>(future: F) -> InContext<F> {
    future.in_current_context()
}

/// Whether it is a case of ours.
#[must_use]
pub fn is(case: &Case) -> bool {
    case.subject.starts_with(OURS)
}

/// A future in a scope with three variables.
pub fn wrapped<F>(future: F) -> InContext<F> {
    future.in_context(context(3))
}

#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new("poll", OURS, || poll_repeatedly(wrapped(Ticks::default()))),
        Case::new("poll", "ours, annotated", || {
            within(
                3,
                poll_repeatedly(context(3).sync_scope(|| annotated(Ticks::default()))),
            )
        }),
        Case::new("poll", "ours, annotated, spawned", || {
            poll_repeatedly(context(3).sync_scope(|| annotated(Ticks::default())))
        }),
        Case::new("call", OURS, || {
            #[propagate_context]
            async fn callee(n: u64) -> u64 {
                black_box(n)
            }
            within(3, |times| {
                poll_once(async {
                    for _ in 0..times {
                        black_box(callee(black_box(1)).await);
                    }
                });
            })
        }),
        Case::new("capture", OURS, || {
            within(3, |times| {
                for _ in 0..times {
                    black_box(Context::current());
                }
            })
        }),
        Case::new("read cloned", OURS, || {
            let context = context(3).with(&NAME, "acme".into());
            Box::new(move |times| {
                context.sync_scope(|| {
                    for _ in 0..times {
                        black_box(NAME.get());
                    }
                });
            })
        }),
    ];
    // Memory for a task is aligned, and what that takes hangs on where the heap stands.
    cases.push(
        Case::new("spawn", OURS, || {
            spawning(context(3), || task::spawn(async { black_box(1) }))
        })
        .ungated(),
    );
    cases.push(
        Case::new("spawn_blocking", OURS, || {
            spawning(context(3), || task::spawn_blocking(|| black_box(1)))
        })
        .timed_only(),
    );
    for size in SIZES {
        cases.extend(growing(size));
    }
    for depth in DEPTHS {
        cases.push(Case::new(format!("read nested/{depth}"), OURS, move || {
            nested(depth)
        }));
    }
    cases
}

/// Reads within so many scopes, each of which sets a variable. They are entered once for all reads.
fn nested(depth: usize) -> Run {
    let reads = Rc::new(Cell::new(0));
    let times = reads.clone();
    let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(poll_fn(move |_| {
        for _ in 0..times.get() {
            VARS[0].with(|value| black_box(value.copied()));
        }
        Poll::Pending
    }));
    for level in 0..depth {
        future = Box::pin(VARS[level % 4].scope(1, future));
    }
    let mut poll = poll_repeatedly(future);
    Box::new(move |times| {
        reads.set(times);
        poll(1);
    })
}

fn spawning(context: Context, spawn: impl Fn() -> tokio::task::JoinHandle<u64> + 'static) -> Run {
    let mut run = spawn_repeatedly(spawn);
    Box::new(move |times| context.sync_scope(|| run(times)))
}

/// What might cost more the more variables are set.
fn growing(size: usize) -> [Case; 6] {
    [
        Case::new(format!("scope future/{size}"), OURS, move || {
            within(size, move |times| {
                poll_once(async {
                    for n in 0..times {
                        last(size).scope(n.into(), async { black_box(()) }).await;
                    }
                });
            })
        }),
        Case::new(format!("read/{size}"), OURS, move || {
            within(size, |times| {
                for _ in 0..times {
                    VARS[0].with(|value| black_box(value.copied()));
                }
            })
        }),
        Case::new(format!("read last/{size}"), OURS, move || {
            within(size, move |times| {
                for _ in 0..times {
                    last(size).with(|value| black_box(value.copied()));
                }
            })
        }),
        Case::new(format!("set/{size}"), OURS, move || {
            within(size, move |times| {
                for n in 0..times {
                    black_box(last(size).set(n.into()));
                }
            })
        }),
        Case::new(format!("set captured/{size}"), OURS, move || {
            within(size, move |times| {
                for n in 0..times {
                    let _captured = black_box(Context::current());
                    black_box(last(size).set(n.into()));
                }
            })
        }),
        Case::new(format!("scope/{size}"), OURS, move || {
            within(size, move |times| {
                for n in 0..times {
                    last(size).sync_scope(n.into(), || black_box(()));
                }
            })
        }),
    ]
}
