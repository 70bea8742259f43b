//! Headers from OpenTelemetry and from this crate: which order of injection keeps both sets of baggage members, and
//! which of the two writes `traceparent`.

mod support;

use std::collections::HashMap;

use opentelemetry::Context as OtelContext;
use opentelemetry::KeyValue;
use opentelemetry::baggage::BaggageExt as _;
use opentelemetry::propagation::TextMapPropagator as _;
use opentelemetry::trace::{TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::propagation::{BaggagePropagator, TraceContextPropagator};
use opentelemetry_sdk::trace::SdkTracerProvider;
use propagate_context::entry::Entry;
use propagate_context::{ContextVar, inject};

static PLAN: ContextVar<String> = ContextVar::new("plan").baggage("plan");

type Headers = HashMap<String, String>;

fn of_opentelemetry(headers: &mut Headers) {
    let context = OtelContext::new().with_baggage([KeyValue::new("user", "ada")]);
    BaggagePropagator::new().inject_context(&context, headers);
}

fn members(headers: &Headers) -> Vec<&str> {
    let mut members: Vec<_> = headers["baggage"].split(',').map(str::trim).collect();
    members.sort_unstable();
    members
}

#[test]
fn opentelemetry_first_keeps_both_baggages() {
    PLAN.sync_scope("pro".to_owned(), || {
        let mut headers = Headers::new();
        of_opentelemetry(&mut headers);
        inject(&mut headers);
        assert_eq!(members(&headers), ["plan=pro", "user=ada"]);
    });
}

#[test]
fn our_baggage_is_lost_if_opentelemetry_comes_last() {
    PLAN.sync_scope("pro".to_owned(), || {
        let mut headers = Headers::new();
        inject(&mut headers);
        of_opentelemetry(&mut headers);
        assert_eq!(members(&headers), ["user=ada"]);
    });
}

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

#[test]
fn only_the_tracer_writes_traceparent_without_trace_context() {
    let incoming = Headers::from([("traceparent".to_owned(), CALLER.to_owned())]);
    let sent_on = |entry: Entry| {
        let parent = TraceContextPropagator::new().extract(&incoming);
        let tracer = SdkTracerProvider::builder().build().tracer("test");
        let span = tracer.start_with_context("request", &parent);
        let here = parent.with_span(span);
        let mut headers = Headers::new();
        entry
            .open(&incoming)
            .unwrap()
            .sync_scope(|| inject(&mut headers));
        (headers.get("traceparent").cloned(), here)
    };
    let (ours, _) = sent_on(Entry::new());
    assert_eq!(ours.as_deref(), Some(CALLER), "the caller's own span");
    let (ours, here) = sent_on(Entry::new().trace_context(false));
    assert_eq!(ours, None);
    let mut headers = Headers::new();
    TraceContextPropagator::new().inject_context(&here, &mut headers);
    let span = here.span().span_context().span_id().to_string();
    assert!(headers["traceparent"].contains(&span));
    assert!(headers["traceparent"].contains("4bf92f3577b34da6a3ce929d0e0e4736"));
}
