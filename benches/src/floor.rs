//! The lower bound of the machine, whichever library propagates.

use std::cell::Cell;
use std::hint::black_box;
use std::sync::Arc;

use crate::{Case, Ticks, poll_once, poll_repeatedly, spawn_repeatedly};

const FLOOR: &str = "floor";
/// The same program without a context.
pub const PLAIN: &str = "plain";

thread_local! {
    static SLOT: Cell<usize> = const { Cell::new(0) };
}

#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("poll", PLAIN, || poll_repeatedly(Ticks::default())),
        Case::new("poll", FLOOR, || {
            poll_repeatedly(Swapped(Ticks::default(), 7))
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
        Case::new("capture", FLOOR, || {
            let shared = Arc::new(0_u64);
            Box::new(move |times| {
                for _ in 0..times {
                    black_box(black_box(&shared).clone());
                }
            })
        }),
        Case::new("read", FLOOR, || {
            Box::new(|times| {
                for _ in 0..times {
                    black_box(SLOT.with(Cell::get));
                }
            })
        }),
        Case::new("set", FLOOR, || boxes::<64>()),
        Case::new("scope", FLOOR, || boxes::<192>()),
    ]
}

/// One allocation of so many bytes.
fn boxes<const BYTES: usize>() -> crate::Run {
    Box::new(|times| {
        for _ in 0..times {
            black_box(Box::new(black_box([0_u8; BYTES])));
        }
    })
}

/// A future around which a word in a thread-local is exchanged, and nothing else.
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
