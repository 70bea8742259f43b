//! The variables of a `tracing` span, from where it is made to where its OpenTelemetry span ends.

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
    /// What belongs to the spans that end on this thread just now, the innermost last.
    static ENDING: RefCell<Vec<Option<Variables>>> = const { RefCell::new(Vec::new()) };
}

/// What was current where a span was made.
#[derive(Clone, Debug)]
struct Variables {
    values: Vec<KeyValue>,
    request: Option<RequestId>,
    /// The OpenTelemetry span starts between the two, which identifies it.
    made: (SystemTime, SystemTime),
}

/// The layer of `tracing-opentelemetry` with the variables of each span; made by [`with_variables`].
pub type OpenTelemetrySpans<L, S> = Layered<HandToProcessor, Layered<L, CollectAtStart, S>, S>;

/// Collects the logged variables of each span for [`ContextSpanProcessor`](crate::ContextSpanProcessor), where `layer` is
/// the one of `tracing-opentelemetry`.
///
/// The values are those of the scope in which the `tracing` span is made. What the request has set later is there as
/// well, if the span ends in a scope of the same request (of the same [`REQUEST_ID`]).
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

/// The half of [`with_variables`] in front of the layer of `tracing-opentelemetry`.
#[derive(Clone, Copy, Debug)]
pub struct CollectAtStart;

/// The half of [`with_variables`] behind the layer of `tracing-opentelemetry`.
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
        ENDING.with_borrow_mut(|ending| ending.push(made.map(Variables::brought_up_to_date)));
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
    /// What the same request has set since.
    fn brought_up_to_date(mut self) -> Self {
        if self.request.is_some() && self.request == REQUEST_ID.get() {
            self.values = variables::current();
        }
        self
    }
}

/// The variables of `span`, if `tracing` made it, and it ends on this thread just now.
///
/// It has to have started when the `tracing` span was made: what a layer that panicked left behind belongs to no other
/// span.
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
