//! The spans of `tracing`: without a subscriber they are empty; with a `Registry` they can be looked up.

use std::hint::black_box;
use std::io;

use tracing::dispatcher::{get_default, with_default};
use tracing::{Dispatch, Instrument, Span, info_span};
use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

use crate::memory::{More, more};
use crate::{Case, Run, Ticks, poll_in_turn, poll_once, poll_repeatedly, spawn_repeatedly};

const NONE: &str = "tracing, no subscriber";
const REGISTRY: &str = "tracing, registry";
const JSON: &str = "tracing, JSON";

#[derive(Clone, Copy)]
struct RequestId(u64);

fn span() -> Span {
    info_span!("request", request_id = 1, user = 1, tenant = 1)
}

fn within(subscriber: Dispatch, make: impl FnOnce() -> Run) -> Run {
    let (span, mut run) = with_default(&subscriber, || {
        let span = span();
        let run = span.in_scope(make);
        (span, run)
    });
    Box::new(move |times| with_default(&subscriber, || span.in_scope(|| run(times))))
}

type Make = fn() -> Dispatch;

fn subscribers() -> [(&'static str, Make); 3] {
    [
        (NONE, Dispatch::none),
        (REGISTRY, || Registry::default().into()),
        (JSON, || {
            tracing_subscriber::fmt()
                .json()
                .with_writer(io::sink)
                .into()
        }),
    ]
}

pub(crate) fn sizes() -> (&'static str, More) {
    let more = with_default(&Registry::default().into(), || {
        span().in_scope(|| more!(Instrument::in_current_span))
    });
    (REGISTRY, more)
}

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, make) in subscribers() {
        cases.extend(with(name, make));
    }
    cases.push(Case::new("read/1", REGISTRY, || {
        within(Registry::default().into(), || {
            span_data(|data| data.extensions_mut().insert(RequestId(1)));
            Box::new(|times| {
                for _ in 0..times {
                    span_data(|data| {
                        black_box(data.extensions().get::<RequestId>().map(|id| id.0))
                    });
                }
            })
        })
    }));
    cases
}

/// Reads what the registry stores for the current span.
fn span_data<R>(
    f: impl FnOnce(&tracing_subscriber::registry::SpanRef<'_, Registry>) -> R,
) -> Option<R> {
    let mut f = Some(f);
    get_default(|dispatch| {
        let registry = dispatch.downcast_ref::<Registry>()?;
        let current = dispatch.current_span();
        let data = registry.span(current.id()?)?;
        Some(f.take()?(&data))
    })
}

fn with(subject: &'static str, make: Make) -> [Case; 7] {
    [
        Case::new("poll, 64 in turn", subject, move || {
            within(make(), || {
                poll_in_turn(|| Ticks::default().instrument(span()))
            })
        }),
        Case::new("re-entry", subject, move || {
            within(make(), || {
                let span = span();
                Box::new(move |times| {
                    for _ in 0..times {
                        black_box(black_box(&span).in_scope(|| black_box(1)));
                    }
                })
            })
        }),
        Case::new("poll", subject, move || {
            within(make(), || {
                poll_repeatedly(Ticks::default().instrument(span()))
            })
        }),
        Case::new("call", subject, move || {
            async fn callee(n: u64) -> u64 {
                async { black_box(n) }.in_current_span().await
            }
            within(make(), || {
                Box::new(|times| {
                    poll_once(async {
                        for _ in 0..times {
                            black_box(callee(black_box(1)).await);
                        }
                    });
                })
            })
        }),
        Case::new("capture", subject, move || {
            within(make(), || {
                Box::new(|times| {
                    for _ in 0..times {
                        black_box(Span::current());
                    }
                })
            })
        }),
        Case::new("spawn", subject, move || {
            within(make(), || {
                spawn_repeatedly(|| tokio::spawn(async { black_box(1) }.in_current_span()))
            })
        }),
        Case::new("spawn_blocking", subject, move || {
            within(make(), || {
                spawn_repeatedly(|| {
                    let span = Span::current();
                    tokio::task::spawn_blocking(move || span.in_scope(|| black_box(1)))
                })
            })
        })
        .timed_only(),
    ]
}
