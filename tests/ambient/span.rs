//! The ready-made accessor for the current `tracing` span.

use std::thread;

use futures::executor::block_on;
use propagate_context::tracing::{CurrentSpan, with_context};
use propagate_context::{Context, Propagate, ambient};
use propagate_context_tests::Output;
use tokio::task::yield_now;
use tracing_subscriber::fmt::format::FmtSpan;

use super::ID;

pub(super) fn run() {
    ambient::register(CurrentSpan);
    let output = Output::default();
    let subscriber = tracing_subscriber::fmt()
        .with_writer({
            let output = output.clone();
            move || output.clone()
        })
        .with_ansi(false)
        .with_span_events(FmtSpan::CLOSE)
        .map_event_format(with_context)
        .finish();
    // Global, since the span is entered on other threads.
    tracing::subscriber::set_global_default(subscriber).unwrap();

    let span = tracing::info_span!("checkout");
    let id = span.id();
    let (job, future) = ID.sync_scope(7, || {
        span.in_scope(|| {
            let job = Context::current().wrap(|| tracing::Span::current().id());
            let future = async {
                let first = tracing::Span::current().id();
                yield_now().await;
                tracing::info!("in the child");
                [first, tracing::Span::current().id()]
            };
            (job, future.in_current_context())
        })
    });
    drop(span);
    assert_eq!(thread::spawn(job).join().unwrap(), id);
    let reads = thread::spawn(|| {
        let reads = block_on(future);
        assert!(tracing::Span::current().is_none());
        reads
    });
    assert_eq!(reads.join().unwrap(), [id.clone(), id]);

    let lines = output.take();
    let line = |what: &str| {
        let found = lines.lines().find(|line| line.contains(what));
        found.unwrap_or_else(|| panic!("no {what} in {lines}"))
    };
    assert!(line("in the child").contains("checkout"), "{lines}");
    // The last owner of the span was the future's scope: the line is written inside of it.
    assert!(line("close").contains("id=7"), "{lines}");
}
