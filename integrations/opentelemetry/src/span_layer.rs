//! Collects the variables of a `tracing` span when it is created, and hands them over when its OpenTelemetry span ends.

use std::cell::RefCell;
use std::time::SystemTime;

use opentelemetry::KeyValue;
use opentelemetry_sdk::trace::SpanData;
use propagate_context::{REQUEST_ID, RequestId};
use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::{Context, Layered};
use tracing_subscriber::registry::LookupSpan;

use crate::variables;

thread_local! {
    /// The variables of the spans that are ending on this thread, the innermost last.
    static ENDING: RefCell<Vec<Option<Variables>>> = const { RefCell::new(Vec::new()) };
}

/// The variables that were current when a span was created.
#[derive(Clone, Debug)]
struct Variables {
    values: Vec<KeyValue>,
    request: Option<RequestId>,
    /// The times before and after the OpenTelemetry span starts, which identify it.
    made: (SystemTime, SystemTime),
}

/// The layer of `tracing-opentelemetry`, extended to collect the variables of each span; made by [`with_variables`].
pub type OpenTelemetrySpans<L, S> = Layered<HandToProcessor, Layered<L, CollectAtStart, S>, S>;

/// Collects the logged variables of each span for [`ContextSpanProcessor`](crate::ContextSpanProcessor). `layer` is the
/// layer of `tracing-opentelemetry`.
///
/// The values are those of the scope in which the `tracing` span is created. Values that the request sets later are
/// included if the span ends in a scope of the same request (with the same [`REQUEST_ID`]).
///
/// ```
/// use opentelemetry::trace::TracerProvider as _;
/// use opentelemetry_sdk::trace::SdkTracerProvider;
/// use propagate_context_opentelemetry::with_variables;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// # let provider = SdkTracerProvider::builder().build();
/// let spans = tracing_opentelemetry::layer().with_tracer(provider.tracer("shop"));
/// let subscriber = tracing_subscriber::registry().with(with_variables(spans));
/// # drop(subscriber);
/// ```
pub fn with_variables<L, S>(layer: L) -> OpenTelemetrySpans<L, S>
where
    L: Layer<S>,
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    CollectAtStart.and_then(layer).and_then(HandToProcessor)
}

/// The part of [`with_variables`] before the layer of `tracing-opentelemetry`.
#[derive(Clone, Copy, Debug)]
pub struct CollectAtStart;

/// The part of [`with_variables`] after the layer of `tracing-opentelemetry`.
#[derive(Clone, Copy, Debug)]
pub struct HandToProcessor;

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for CollectAtStart {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let now = SystemTime::now();
        let variables = Variables {
            values: variables::current(),
            request: REQUEST_ID.get(),
            made: (now, now),
        };
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(variables);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let made = context
            .span(&id)
            .and_then(|span| span.extensions_mut().remove());
        ENDING.with_borrow_mut(|ending| ending.push(made.map(Variables::updated)));
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for HandToProcessor {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            if let Some(variables) = span.extensions_mut().get_mut::<Variables>() {
                variables.made.1 = SystemTime::now();
            }
        }
    }

    fn on_close(&self, _: Id, _: Context<'_, S>) {
        ENDING.with_borrow_mut(Vec::pop);
    }
}

impl Variables {
    /// Replaces the values by those that the same request has set since.
    fn updated(mut self) -> Self {
        if self.request.is_some() && self.request == REQUEST_ID.get() {
            self.values = variables::current();
        }
        self
    }
}

/// Returns the variables of `span` if `tracing` created it and it is ending on this thread.
///
/// The span must have started when the `tracing` span was created: values that a panicking layer has left behind must
/// not be added to another span.
pub(crate) fn collected(span: &SpanData) -> Option<Vec<KeyValue>> {
    ENDING.with_borrow_mut(|ending| {
        let ending = ending.last_mut()?;
        let (from, to) = ending.as_ref()?.made;
        if (from..=to).contains(&span.start_time) {
            Some(ending.take()?.values)
        } else {
            None
        }
    })
}
