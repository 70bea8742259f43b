//! `propagate-context`.

use std::cell::Cell;
use std::future::poll_fn;
use std::hint::black_box;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use propagate_context::{
    Context, ContextVar, InContext, Propagate, ambient, propagate_context, task,
};

use crate::threads::on_two_threads;
use crate::{Case, Run, SIZES, Ticks, poll_in_turn, poll_once, poll_repeatedly, spawn_repeatedly};

pub const OURS: &str = "ours";

/// The numbers of nested scopes by which growth is measured.
pub const DEPTHS: [usize; 5] = [1, 10, 50, 100, 200];

static VARS: [ContextVar<u64>; 4_096] = [const { ContextVar::new("variable") }; 4_096];
static NAME: ContextVar<Arc<str>> = ContextVar::new("name");
static OWNED_NAME: ContextVar<String> = ContextVar::new("owned name");

/// The number of variables that get the first indices, in the same order in each process, so that counts repeat.
const NUMBERED: usize = 256;

/// A context with `size` variables.
#[must_use]
pub fn context(size: usize) -> Context {
    let with = |size| {
        VARS.iter()
            .take(size)
            .fold(Context::empty(), |context, variable| {
                context.with(variable, 1)
            })
    };
    drop(with(NUMBERED));
    with(size)
}

/// The variable that was added last.
fn last(size: usize) -> &'static ContextVar<u64> {
    &VARS[size - 1]
}

/// Runs in a scope with `size` variables.
fn within(size: usize, run: impl FnMut(u32) + 'static) -> Run {
    in_scope(context(size), run)
}

fn in_scope(context: Context, mut run: impl FnMut(u32) + 'static) -> Run {
    Box::new(move |times| context.sync_scope(|| run(times)))
}

fn captures(times: u32) {
    for _ in 0..times {
        black_box(Context::current());
    }
}

fn reads(times: u32) {
    for _ in 0..times {
        VARS[0].with(|value| black_box(value.copied()));
    }
}

/// Enters a shared snapshot, as a pool does for each of its jobs.
fn entries(context: Context) -> Run {
    Box::new(move |times| {
        for _ in 0..times {
            black_box(black_box(&context).sync_scope(|| black_box(1)));
        }
    })
}

thread_local! {
    static AMBIENT: Cell<u64> = const { Cell::new(1) };
}

/// One word, the smallest ambient state of another library.
struct Word;

struct Restore(u64);

impl ambient::Ambient for Word {
    type Saved = u64;
    type Entered = Restore;

    fn capture(&self) -> Option<u64> {
        Some(AMBIENT.get())
    }

    fn enter(&self, saved: &u64) -> Restore {
        Restore(AMBIENT.replace(*saved))
    }
}

impl Drop for Restore {
    fn drop(&mut self) {
        AMBIENT.set(self.0);
    }
}

/// Global: cases with it must not run in the same process as others.
fn register_ambient_state() {
    ambient::register(Word);
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

/// A future with a value of its own.
pub fn with_value<F>(future: F) -> InContext<F> {
    VARS[2].scope(1, future)
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
        Case::new("poll", "ours, `VAR.scope`", || {
            within(2, poll_repeatedly(with_value(Ticks::default())))
        }),
        Case::new("poll, 64 in turn", OURS, || {
            let context = context(3);
            poll_in_turn(move || Ticks::default().in_context(context.clone()))
        }),
        Case::new("poll, 64 in turn", "ours, annotated", || {
            let futures = context(3).wrap_fn(|| annotated(Ticks::default()));
            within(3, poll_in_turn(futures))
        }),
        Case::new("poll, 64 in turn", "ours, annotated, spawned", || {
            poll_in_turn(context(3).wrap_fn(|| annotated(Ticks::default())))
        }),
        Case::new("poll, 64 in turn", "ours, `VAR.scope`", || {
            within(2, poll_in_turn(|| with_value(Ticks::default())))
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
        Case::new("capture", OURS, || within(3, captures)),
        Case::new("capture, two threads", OURS, || {
            let context = context(3);
            on_two_threads(move || in_scope(context.clone(), captures))
        })
        .timed_only(),
        Case::new("poll, ambient state registered", OURS, || {
            register_ambient_state();
            let context = context(3).sync_scope(Context::current);
            poll_repeatedly(Ticks::default().in_context(context))
        }),
        Case::new("capture, ambient state registered", OURS, || {
            register_ambient_state();
            within(3, captures)
        }),
        Case::new("re-entry", OURS, || entries(context(3))),
        Case::new("re-entry", "ours, `wrap_fn`", || {
            let closure = context(3).wrap_fn(|| black_box(1));
            Box::new(move |times| {
                for _ in 0..times {
                    black_box(black_box(&closure)());
                }
            })
        }),
        Case::new("re-entry, two threads", OURS, || {
            let context = context(3);
            on_two_threads(move || entries(context.clone()))
        })
        .timed_only(),
        Case::new("read, two threads", OURS, || {
            let context = context(3);
            on_two_threads(move || in_scope(context.clone(), reads))
        })
        .timed_only(),
        Case::new("read cloned String", OURS, || {
            let context = context(3).with(&OWNED_NAME, crate::NAME.to_owned());
            in_scope(context, |times| {
                for _ in 0..times {
                    black_box(OWNED_NAME.get());
                }
            })
        }),
        Case::new("read cloned", OURS, || {
            in_scope(context(3).with(&NAME, "acme".into()), |times| {
                for _ in 0..times {
                    black_box(NAME.get());
                }
            })
        }),
    ];
    // Memory for a task is aligned, and the cost of that depends on the state of the heap.
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

/// Reads within so many nested scopes, each of which sets a variable. They are entered once for all reads.
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

/// The operations whose cost might grow with the number of variables.
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
        Case::new(format!("read/{size}"), OURS, move || within(size, reads)),
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
