//! The spans of a child are children of its spawner's local parent, on whichever thread the child runs. This test needs
//! its own process, because the reporter and the accessor are global.

use std::thread;

use fastrace::collector::{Config, TestReporter};
use fastrace::local::LocalSpan;
use fastrace::prelude::{Span, SpanContext, SpanId, SpanRecord};
use propagate_context::{Context, Propagate, ambient};
use propagate_context_fastrace::LocalParent;
use tokio::runtime::Builder;

fn work(name: &'static str) {
    let _span = LocalSpan::enter_with_local_parent(name);
}

/// A request that starts a child in each possible way.
fn request() {
    let root = Span::root("request", SpanContext::random());
    {
        let _parent = root.set_local_parent();
        let on_thread = Context::current().wrap(|| work("on a thread"));
        let polled = async {
            work("first poll");
            tokio::task::yield_now().await;
            work("second poll");
        };
        let polled = polled.in_current_context();
        let never = Context::current().wrap(|| work("never"));
        thread::spawn(on_thread).join().unwrap();
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .build()
            .unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                runtime.block_on(async { tokio::spawn(polled).await.unwrap() });
                // The local parent does not stay on the worker.
                runtime.block_on(async { tokio::spawn(async { work("leaked") }).await.unwrap() });
            });
        });
        drop(never);
        work("in the request");
    }
    drop(root);
    fastrace::flush();
}

#[test]
fn a_child_has_a_span_under_its_spawner() {
    let (reporter, records) = TestReporter::new();
    fastrace::set_reporter(reporter, Config::default());

    // Without an accessor, only spans of the request's own thread are part of the trace.
    request();
    let names = |records: &[SpanRecord]| {
        let mut names: Vec<_> = records.iter().map(|span| span.name.to_string()).collect();
        names.sort_unstable();
        names
    };
    assert_eq!(
        names(&std::mem::take(&mut *records.lock())),
        ["in the request", "request"]
    );

    ambient::register(LocalParent::new("spawned"));
    request();
    let records = std::mem::take(&mut *records.lock());
    assert_eq!(
        names(&records),
        [
            "first poll",
            "in the request",
            "on a thread",
            "request",
            "second poll",
            "spawned",
            "spawned",
            "spawned"
        ]
    );
    let find = |name: &str| records.iter().find(|span| span.name == name).unwrap();
    let name_of = |id: SpanId| &*records.iter().find(|span| span.span_id == id).unwrap().name;
    let root = find("request");
    assert!(records.iter().all(|span| span.trace_id == root.trace_id));
    for name in ["on a thread", "first poll", "second poll"] {
        assert_eq!(name_of(find(name).parent_id), "spawned", "{name}");
    }
    assert_eq!(find("first poll").parent_id, find("second poll").parent_id);
    for span in records.iter().filter(|span| span.name == "spawned") {
        assert_eq!(span.parent_id, root.span_id);
    }
    assert_eq!(find("in the request").parent_id, root.span_id);
}
