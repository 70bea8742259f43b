//! emit: ambient properties in a thread-local frame.

use std::hint::black_box;

use emit::platform::thread_local_ctxt::ThreadLocalCtxt;
use emit::{Ctxt, Frame, Props};

use crate::memory::{More, more};
use crate::{
    Case, Run, SMALL_SIZES, Ticks, poll_in_turn, poll_once, poll_repeatedly, spawn_repeatedly,
};

const EMIT: &str = "emit";

fn frame(size: usize) -> Frame<ThreadLocalCtxt> {
    let names: Vec<String> = (0..size).map(|n| format!("variable_{n}")).collect();
    let properties: Vec<(&str, u64)> = names.iter().map(|name| (&**name, 1)).collect();
    Frame::root(ThreadLocalCtxt::shared(), &properties[..])
}

fn current() -> Frame<ThreadLocalCtxt> {
    Frame::current(ThreadLocalCtxt::shared())
}

fn within(size: usize, mut run: impl FnMut(u32) + 'static) -> Run {
    let mut frame = frame(size);
    Box::new(move |times| {
        let _guard = frame.enter();
        run(times);
    })
}

pub(crate) fn sizes() -> (&'static str, More) {
    let more = frame(3).call(|| more!(|future| current().in_future(future)));
    (EMIT, more)
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new("poll", EMIT, || {
            poll_repeatedly(frame(3).in_future(Ticks::default()))
        }),
        Case::new("poll, 64 in turn", EMIT, || {
            poll_in_turn(|| frame(3).in_future(Ticks::default()))
        }),
        Case::new("re-entry", EMIT, || {
            let mut frame = frame(3);
            Box::new(move |times| {
                for _ in 0..times {
                    let _guard = black_box(&mut frame).enter();
                    black_box(1);
                }
            })
        }),
        Case::new("call", EMIT, || {
            async fn callee(n: u64) -> u64 {
                current().in_future(async { black_box(n) }).await
            }
            within(3, |times| {
                poll_once(async {
                    for _ in 0..times {
                        black_box(callee(black_box(1)).await);
                    }
                });
            })
        }),
        Case::new("capture", EMIT, || {
            within(3, |times| {
                for _ in 0..times {
                    black_box(current());
                }
            })
        }),
        Case::new("spawn", EMIT, || {
            let run =
                spawn_repeatedly(|| tokio::spawn(current().in_future(async { black_box(1) })));
            within(3, run)
        }),
    ];
    cases.push(
        Case::new("spawn_blocking", EMIT, || {
            let run =
                spawn_repeatedly(|| tokio::task::spawn_blocking(current().in_fn(|| black_box(1))));
            within(3, run)
        })
        .timed_only(),
    );
    for size in SMALL_SIZES {
        cases.push(Case::new(format!("read/{size}"), EMIT, move || {
            within(size, |times| {
                for _ in 0..times {
                    ThreadLocalCtxt::shared().with_current(|properties| {
                        black_box(properties.pull::<u64, _>("variable_0"))
                    });
                }
            })
        }));
        cases.push(Case::new(format!("scope/{size}"), EMIT, move || {
            within(size, |times| {
                for n in 0..times {
                    Frame::push(ThreadLocalCtxt::shared(), ("variable_0", n))
                        .call(|| black_box(()));
                }
            })
        }));
    }
    cases
}
