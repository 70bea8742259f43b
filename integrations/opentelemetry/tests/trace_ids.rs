//! A log line has the trace and span id of the current span, and a log record has them only once.

mod support;

use opentelemetry::Context;
use opentelemetry::trace::{TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SimpleSpanProcessor};
use propagate_context::visit_logged;
use propagate_context_opentelemetry::{ContextSpanProcessor, log_trace_ids};

use self::support::context;

fn line() -> Vec<(String, String)> {
    let mut line = Vec::new();
    visit_logged(|name, value| line.push((name.to_owned(), value.to_string())));
    line
}

/// A single test, because the sources are registered for the whole process.
#[test]
fn a_line_has_the_ids_of_the_current_span() {
    log_trace_ids();
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(ContextSpanProcessor::new(SimpleSpanProcessor::new(
            exporter.clone(),
        )))
        .build();
    let (tracer, outer) = (provider.tracer("test"), Context::new());
    let current = outer.with_span(tracer.start_with_context("request", &outer));
    let ids = current.span().span_context().clone();
    let logged = context("r-1", "acme").sync_scope(|| {
        let _attached = current.attach();
        let child = tracer.start("child");
        drop(child);
        line()
    });
    let of = |name: &str| {
        logged
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, id)| id.clone())
    };
    assert_eq!(of("trace_id"), Some(ids.trace_id().to_string()));
    assert_eq!(of("span_id"), Some(ids.span_id().to_string()));
    assert_eq!(of("request_id").as_deref(), Some("r-1"));
    assert_eq!(line(), [], "outside of every span and scope");

    let child = &exporter.get_finished_spans().unwrap()[0];
    let names: Vec<_> = child.attributes.iter().map(|a| a.key.as_str()).collect();
    assert_eq!(names, ["request_id", "tenant"]);
}
