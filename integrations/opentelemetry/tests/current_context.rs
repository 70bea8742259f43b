//! OpenTelemetry's context is propagated to tasks and threads that an annotated function spawns.

use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::trace::{TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, SdkTracer, SdkTracerProvider, SimpleSpanProcessor, SpanData,
};
use propagate_context::{ambient, propagate_context};
use propagate_context_opentelemetry::CurrentContext;

#[propagate_context]
async fn spans_everywhere(tracer: SdkTracer) {
    let record = |name: &'static str| {
        let tracer = tracer.clone();
        move || drop(tracer.start(name))
    };
    record("await")();
    let spawned = record("spawn");
    tokio::spawn(async move {
        tokio::task::yield_now().await;
        spawned();
    })
    .await
    .unwrap();
    tokio::task::spawn_blocking(record("blocking"))
        .await
        .unwrap();
    std::thread::spawn(record("thread")).join().unwrap();
    let detached = record("detached");
    #[detached]
    tokio::spawn(async move { detached() }).await.unwrap();
}

fn named<'a>(spans: &'a [SpanData], name: &str) -> &'a SpanData {
    spans.iter().find(|span| span.name == name).unwrap()
}

/// A single test, because ambient state is registered for the whole process.
#[test]
fn a_spawned_task_continues_the_trace() {
    ambient::register(CurrentContext);
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(SimpleSpanProcessor::new(exporter.clone()))
        .build();
    let tracer = provider.tracer("test");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let parent = Context::new().with_baggage([KeyValue::new("user", "ada")]);
    let parent = parent.with_span(tracer.start_with_context("request", &parent));
    let request = parent.span().span_context().clone();

    runtime.block_on(async {
        let entered = opentelemetry::trace::FutureExt::with_context(
            spans_everywhere(tracer.clone()),
            parent.clone(),
        );
        tokio::spawn(entered).await.unwrap();
    });

    let spans = exporter.get_finished_spans().unwrap();
    for name in ["await", "spawn", "blocking", "thread"] {
        let span = named(&spans, name);
        assert_eq!(span.span_context.trace_id(), request.trace_id(), "{name}");
        assert_eq!(span.parent_span_id, request.span_id(), "{name}");
    }
    let detached = named(&spans, "detached");
    assert_ne!(detached.span_context.trace_id(), request.trace_id());

    // The context does not stay on a worker.
    let left = runtime.block_on(async {
        tokio::spawn(async { Context::current().has_active_span() })
            .await
            .unwrap()
    });
    assert!(!left && !Context::current().has_active_span());
}
