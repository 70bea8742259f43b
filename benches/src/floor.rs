//! The lower bound for any library on this machine.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;

use crate::threads::on_two_threads;
use crate::{Case, Run, Ticks, poll_in_turn, poll_once, poll_repeatedly, spawn_repeatedly};

const FLOOR: &str = "floor";
/// The same program without a context.
pub const PLAIN: &str = "plain";

thread_local! {
    static SLOT: Cell<usize> = const { Cell::new(0) };
    static SHARED: Cell<Option<Arc<u64>>> = const { Cell::new(None) };
}

/// What `operation` is compared with: its floor, the same at another size, or the same without a context.
#[must_use]
pub fn of<'a>(cases: &'a [Case], operation: &str) -> Option<&'a Case> {
    let family = operation.split(['/', ',', ' ']).next().unwrap_or(operation);
    [
        (operation, FLOOR),
        (operation, PLAIN),
        (family, FLOOR),
        (family, PLAIN),
    ]
    .into_iter()
    .find_map(|(operation, subject)| {
        cases
            .iter()
            .find(|case| case.operation == operation && case.subject == subject)
    })
}

#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("poll", PLAIN, || poll_repeatedly(Ticks::default())),
        Case::new("poll", FLOOR, || {
            poll_repeatedly(Swapped(Ticks::default(), 7))
        }),
        Case::new("poll, 64 in turn", PLAIN, || poll_in_turn(Ticks::default)),
        Case::new("poll, 64 in turn", FLOOR, || {
            poll_in_turn(|| Swapped(Ticks::default(), 7))
        }),
        Case::new("poll, 64 in turn", "an `Option<Arc>` swapped", || {
            poll_in_turn(|| SwappedArc(Ticks::default(), Some(Arc::new(7))))
        }),
        Case::new("call", PLAIN, || {
            #[expect(clippy::unused_async, reason = "ready at once, as it is to be")]
            async fn callee(n: u64) -> u64 {
                black_box(n)
            }
            Box::new(|times| {
                poll_once(async {
                    for _ in 0..times {
                        black_box(callee(black_box(1)).await);
                    }
                });
            })
        }),
        Case::new("spawn", PLAIN, || {
            spawn_repeatedly(|| tokio::spawn(async { black_box(1) }))
        }),
        Case::new("spawn_blocking", PLAIN, || {
            spawn_repeatedly(|| tokio::task::spawn_blocking(|| black_box(1)))
        })
        .timed_only(),
        Case::new("capture", FLOOR, || clones(Arc::new(0))),
        Case::new("capture, two threads", FLOOR, || {
            let shared = Arc::new(0);
            on_two_threads(move || clones(shared.clone()))
        })
        .timed_only(),
        Case::new("re-entry", FLOOR, || entries(Arc::new(0))),
        Case::new("re-entry, two threads", FLOOR, || {
            let shared = Arc::new(0);
            on_two_threads(move || entries(shared.clone()))
        })
        .timed_only(),
        Case::new("read", FLOOR, reads),
        Case::new("read, two threads", FLOOR, || on_two_threads(reads)).timed_only(),
        Case::new("read cloned String", FLOOR, || {
            let name = crate::NAME.to_owned();
            Box::new(move |times| {
                for _ in 0..times {
                    black_box(black_box(&name).clone());
                }
            })
        }),
        Case::new("set", FLOOR, || boxes::<64>()),
        Case::new("scope", FLOOR, || boxes::<192>()),
    ]
}

fn reads() -> Run {
    Box::new(|times| {
        for _ in 0..times {
            black_box(SLOT.with(Cell::get));
        }
    })
}

fn clones(shared: Arc<u64>) -> Run {
    Box::new(move |times| {
        for _ in 0..times {
            black_box(black_box(&shared).clone());
        }
    })
}

/// Moves a clone into a thread-local and out again.
fn entries(shared: Arc<u64>) -> Run {
    Box::new(move |times| {
        for _ in 0..times {
            let before = SHARED.replace(Some(black_box(&shared).clone()));
            black_box(1);
            drop(SHARED.replace(before));
        }
    })
}

/// One allocation of so many bytes.
fn boxes<const BYTES: usize>() -> Run {
    Box::new(|times| {
        for _ in 0..times {
            black_box(Box::new(black_box([0_u8; BYTES])));
        }
    })
}

/// A future around whose polls one word in a thread-local is swapped.
struct Swapped(Ticks, usize);

impl Future for Swapped {
    type Output = ();

    #[inline]
    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        let this = &mut *self;
        this.1 = SLOT.replace(this.1);
        let polled = std::pin::Pin::new(&mut this.0).poll(cx);
        this.1 = SLOT.replace(this.1);
        polled
    }
}

/// The same with a reference-counted pointer.
struct SwappedArc(Ticks, Option<Arc<u64>>);

impl Future for SwappedArc {
    type Output = ();

    #[inline]
    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        let this = &mut *self;
        this.1 = SHARED.replace(this.1.take());
        let polled = std::pin::Pin::new(&mut this.0).poll(cx);
        this.1 = SHARED.replace(this.1.take());
        polled
    }
}
