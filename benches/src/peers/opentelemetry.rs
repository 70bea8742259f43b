//! `opentelemetry::Context`: values that are identified by their types.

use std::hint::black_box;

use opentelemetry::Context;
use opentelemetry::context::FutureExt;

use super::typed::{Typed, of_each_type};
use crate::memory::{More, more};
use crate::threads::on_two_threads;
use crate::{
    Case, Run, SMALL_SIZES, Ticks, poll_in_turn, poll_once, poll_repeatedly, spawn_repeatedly,
};

const OTEL: &str = "OpenTelemetry";

/// An owned string, which a read clones.
struct Name(String);

fn add<const ROW: usize, const COLUMN: usize>(context: &Context) -> Context {
    context.with_value(Typed::<ROW, COLUMN>(1))
}

fn context(size: usize) -> Context {
    let add: Vec<fn(&Context) -> Context> = of_each_type!(add);
    add.iter()
        .take(size)
        .fold(Context::new(), |context, add| add(&context))
}

fn within(size: usize, run: impl FnMut(u32) + 'static) -> Run {
    attached(context(size), run)
}

fn attached(context: Context, mut run: impl FnMut(u32) + 'static) -> Run {
    Box::new(move |times| {
        let _guard = context.clone().attach();
        run(times);
    })
}

fn captures(times: u32) {
    for _ in 0..times {
        black_box(Context::current());
    }
}

fn reads(times: u32) {
    for _ in 0..times {
        black_box(Context::map_current(|context| {
            context.get::<Typed<0, 0>>().map(|typed| typed.0)
        }));
    }
}

fn entries(context: Context) -> Run {
    Box::new(move |times| {
        for _ in 0..times {
            let _guard = black_box(&context).clone().attach();
            black_box(1);
        }
    })
}

pub(crate) fn sizes() -> (&'static str, More) {
    let _guard = context(3).attach();
    (OTEL, more!(FutureExt::with_current_context))
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        Case::new("poll", OTEL, || {
            poll_repeatedly(Ticks::default().with_context(context(3)))
        }),
        Case::new("poll, 64 in turn", OTEL, || {
            let context = context(3);
            poll_in_turn(move || Ticks::default().with_context(context.clone()))
        }),
        Case::new("re-entry", OTEL, || entries(context(3))),
        Case::new("re-entry, two threads", OTEL, || {
            let context = context(3);
            on_two_threads(move || entries(context.clone()))
        })
        .timed_only(),
        Case::new("read, two threads", OTEL, || {
            let context = context(3);
            on_two_threads(move || attached(context.clone(), reads))
        })
        .timed_only(),
        Case::new("capture, two threads", OTEL, || {
            let context = context(3);
            on_two_threads(move || attached(context.clone(), captures))
        })
        .timed_only(),
        Case::new("read cloned String", OTEL, || {
            let context = context(3).with_value(Name(crate::NAME.to_owned()));
            attached(context, |times| {
                for _ in 0..times {
                    black_box(Context::map_current(|context| {
                        context.get::<Name>().map(|name| name.0.clone())
                    }));
                }
            })
        }),
        Case::new("call", OTEL, || {
            async fn callee(n: u64) -> u64 {
                async { black_box(n) }.with_current_context().await
            }
            within(3, |times| {
                poll_once(async {
                    for _ in 0..times {
                        black_box(callee(black_box(1)).await);
                    }
                });
            })
        }),
        Case::new("capture", OTEL, || within(3, captures)),
        Case::new("spawn", OTEL, || {
            let run =
                spawn_repeatedly(|| tokio::spawn(async { black_box(1) }.with_current_context()));
            within(3, run)
        }),
    ];
    cases.push(
        Case::new("spawn_blocking", OTEL, || {
            let run = spawn_repeatedly(|| {
                let context = Context::current();
                tokio::task::spawn_blocking(move || {
                    let _guard = context.attach();
                    black_box(1)
                })
            });
            within(3, run)
        })
        .timed_only(),
    );
    for size in SMALL_SIZES {
        cases.push(Case::new(format!("read/{size}"), OTEL, move || {
            within(size, reads)
        }));
        cases.push(Case::new(format!("scope/{size}"), OTEL, move || {
            within(size, |times| {
                for n in 0..times {
                    let context = Context::current_with_value(Typed::<0, 0>(n.into()));
                    let _guard = context.attach();
                    black_box(());
                }
            })
        }));
    }
    cases
}
