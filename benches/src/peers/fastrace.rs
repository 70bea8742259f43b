//! fastrace: spans that are collected. Values cannot be read.

use std::hint::black_box;

use fastrace::collector::{Config, Reporter, SpanRecord};
use fastrace::future::FutureExt;
use fastrace::prelude::{Span, SpanContext};

use crate::memory::{More, more};
use crate::{Case, Run, Ticks, poll_in_turn, poll_once, poll_repeatedly, spawn_repeatedly};

const FASTRACE: &str = "fastrace";

struct Nowhere;

impl Reporter for Nowhere {
    fn report(&mut self, _: Vec<SpanRecord>) {}
}

fn root() -> Span {
    fastrace::set_reporter(Nowhere, Config::default());
    Span::root("request", SpanContext::random())
}

fn within(mut run: impl FnMut(u32) + 'static) -> Run {
    let root = root();
    Box::new(move |times| {
        let _guard = root.set_local_parent();
        run(times);
    })
}

fn in_child<F: Future>(future: F) -> impl Future<Output = F::Output> {
    future.in_span(Span::enter_with_local_parent("task"))
}

pub(crate) fn sizes() -> (&'static str, More) {
    let root = root();
    let _guard = root.set_local_parent();
    (FASTRACE, more!(in_child))
}

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("poll", FASTRACE, || {
            poll_repeatedly(Ticks::default().in_span(root()))
        }),
        Case::new("poll, 64 in turn", FASTRACE, || {
            poll_in_turn(|| Ticks::default().in_span(root()))
        }),
        Case::new("re-entry", FASTRACE, || {
            let span = root();
            Box::new(move |times| {
                for _ in 0..times {
                    let _guard = black_box(&span).set_local_parent();
                    black_box(1);
                }
            })
        }),
        Case::new("call", FASTRACE, || {
            async fn callee(n: u64) -> u64 {
                async { black_box(n) }.enter_on_poll("callee").await
            }
            within(|times| {
                poll_once(async {
                    for _ in 0..times {
                        black_box(callee(black_box(1)).await);
                    }
                });
            })
        }),
        Case::new("capture", FASTRACE, || {
            within(|times| {
                for _ in 0..times {
                    drop(black_box(Span::enter_with_local_parent("task")));
                }
            })
        }),
        Case::new("spawn", FASTRACE, || {
            let run = spawn_repeatedly(|| tokio::spawn(in_child(async { black_box(1) })));
            within(run)
        }),
        Case::new("spawn_blocking", FASTRACE, || {
            let run = spawn_repeatedly(|| {
                let span = Span::enter_with_local_parent("task");
                tokio::task::spawn_blocking(move || {
                    let _guard = span.set_local_parent();
                    black_box(1)
                })
            });
            within(run)
        })
        .timed_only(),
    ]
}
