//! `ContextSpanProcessor`: adds the variables to each span.

use std::time::Duration;

use opentelemetry::trace::Span as _;
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{Span, SpanData, SpanProcessor};

use crate::span_layer;
use crate::variables;

/// The prefix of attributes until the span ends. Only then is it known whether `tracing` created the span, and in which
/// scope.
const PENDING: &str = "propagate_context.pending.";

/// The prefix of the span's own attributes that have the name of a variable.
const OWN: &str = "span_";

/// Adds the logged variables to each span as attributes, then passes it to `P`.
///
/// The values are those of the scope in which the span is created. A plain OpenTelemetry span is started there. A span
/// of `tracing-opentelemetry` is started only when it is first entered, which may be in another request. Wrap its layer
/// in [`with_variables`](crate::with_variables) to collect the values when the `tracing` span is created.
///
/// It wraps `P`, because a span can be changed only before it is exported. One of the span's own attributes that has
/// the name of a variable is renamed to `span_<name>`, or dropped if it has the same value.
///
/// ```
/// use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SimpleSpanProcessor};
/// use propagate_context_opentelemetry::ContextSpanProcessor;
///
/// let exporter = InMemorySpanExporter::default(); // or OTLP, with a `BatchSpanProcessor`
/// let provider = SdkTracerProvider::builder()
///     .with_span_processor(ContextSpanProcessor::new(SimpleSpanProcessor::new(exporter)))
///     .build();
/// # drop(provider);
/// ```
#[derive(Debug)]
pub struct ContextSpanProcessor<P> {
    inner: P,
}

impl<P: SpanProcessor> ContextSpanProcessor<P> {
    /// Adds the variables to the spans that `inner` processes.
    pub const fn new(inner: P) -> Self {
        Self { inner }
    }
}

impl<P: SpanProcessor> SpanProcessor for ContextSpanProcessor<P> {
    fn on_start(&self, span: &mut Span, cx: &Context) {
        for KeyValue { key, value, .. } in variables::current() {
            span.set_attribute(KeyValue::new(format!("{PENDING}{key}"), value));
        }
        self.inner.on_start(span, cx);
    }

    fn on_end(&self, mut span: SpanData) {
        let pending = take_pending(&mut span.attributes);
        let variables = span_layer::collected(&span).unwrap_or(pending);
        add(&mut span.attributes, variables);
        self.inner.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.inner.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.inner.shutdown_with_timeout(timeout)
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.inner.shutdown()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

/// Removes the attributes that [`SpanProcessor::on_start`] added, and returns them under their final names.
fn take_pending(attributes: &mut Vec<KeyValue>) -> Vec<KeyValue> {
    let (pending, own) = std::mem::take(attributes)
        .into_iter()
        .partition::<Vec<_>, _>(|attribute| attribute.key.as_str().starts_with(PENDING));
    *attributes = own;
    pending
        .into_iter()
        .filter_map(|attribute| {
            let name = attribute.key.as_str().strip_prefix(PENDING)?.to_owned();
            Some(KeyValue::new(name, attribute.value))
        })
        .collect()
}

fn add(attributes: &mut Vec<KeyValue>, variables: Vec<KeyValue>) {
    attributes.retain(|own| !variables.contains(own));
    for own in attributes.iter_mut() {
        if variables.iter().any(|variable| variable.key == own.key) {
            own.key = format!("{OWN}{}", own.key).into();
        }
    }
    attributes.extend(variables);
}
