//! Each span has the variables of the scope in which it was created.

mod support;

use std::pin::pin;
use std::task::{Context as TaskContext, Poll, Waker};

use opentelemetry::KeyValue;
use opentelemetry::trace::{Span as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::trace::{
    InMemorySpanExporter, SdkTracer, SdkTracerProvider, SimpleSpanProcessor, SpanData,
};
use propagate_context_opentelemetry::{ContextSpanProcessor, with_variables};
use tracing_subscriber::layer::SubscriberExt;

use self::support::{CART, TENANT, USER, context};

struct Spans {
    exporter: InMemorySpanExporter,
    provider: SdkTracerProvider,
}

impl Spans {
    fn new() -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_span_processor(ContextSpanProcessor::new(SimpleSpanProcessor::new(
                exporter.clone(),
            )))
            .build();
        Self { exporter, provider }
    }

    fn tracer(&self) -> SdkTracer {
        self.provider.tracer("test")
    }

    /// Runs `f` with a subscriber that exports the spans of `tracing` as OpenTelemetry spans.
    fn with_tracing<R>(&self, f: impl FnOnce() -> R) -> R {
        let layer = tracing_opentelemetry::layer()
            .with_tracer(self.tracer())
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_level(false);
        let subscriber = tracing_subscriber::registry().with(with_variables(layer));
        propagate_context_tests::with_default(subscriber, f)
    }

    fn finished(&self) -> Vec<SpanData> {
        self.exporter.get_finished_spans().unwrap()
    }

    /// Returns the attributes of the span `name`, sorted.
    fn attributes(&self, name: &str) -> Vec<(String, String)> {
        let spans = self.finished();
        let span = spans.iter().find(|span| span.name == name).unwrap();
        let mut attributes: Vec<_> = span
            .attributes
            .iter()
            .map(|attribute| (attribute.key.to_string(), attribute.value.to_string()))
            .collect();
        attributes.sort();
        attributes
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

const OF_R1: &[(&str, &str)] = &[("request_id", "r-1"), ("tenant", "acme")];

#[test]
fn a_span_of_plain_opentelemetry_has_the_variables_of_where_it_starts() {
    let spans = Spans::new();
    let mut span = context("r-1", "acme").sync_scope(|| spans.tracer().start("plain"));
    context("r-2", "umbrella").sync_scope(|| span.end());
    assert_eq!(spans.attributes("plain"), pairs(OF_R1));
}

#[test]
fn a_span_of_tracing_has_the_variables_of_where_it_was_made_and_not_of_where_it_starts() {
    let spans = Spans::new();
    spans.with_tracing(|| {
        let span = context("r-1", "acme").sync_scope(|| tracing::info_span!("lazy"));
        context("r-2", "umbrella").sync_scope(|| {
            span.in_scope(|| ());
            drop(span);
        });
    });
    assert_eq!(spans.attributes("lazy"), pairs(OF_R1));
}

#[test]
fn a_span_that_was_never_entered_has_the_variables_too() {
    let spans = Spans::new();
    spans.with_tracing(|| {
        let span = context("r-1", "acme").sync_scope(|| tracing::info_span!("never entered"));
        drop(span);
    });
    assert_eq!(spans.attributes("never entered"), pairs(OF_R1));
}

#[test]
fn a_span_that_was_made_outside_of_every_scope_has_none_of_them() {
    let spans = Spans::new();
    spans.with_tracing(|| {
        let span = tracing::info_span!("outside");
        context("r-2", "umbrella").sync_scope(|| {
            span.in_scope(|| ());
            drop(span);
        });
    });
    assert_eq!(spans.attributes("outside"), []);
}

#[test]
fn values_set_later_in_the_request_are_on_the_span() {
    let spans = Spans::new();
    spans.with_tracing(|| {
        context("r-1", "acme").sync_scope(|| {
            let span = tracing::info_span!("late");
            span.in_scope(|| drop(USER.set("ada")));
            drop(span);
        });
    });
    let with_user = [OF_R1, &[("user", "ada")]].concat();
    assert_eq!(spans.attributes("late"), pairs(&with_user));
}

#[test]
fn a_number_is_an_attribute_of_that_type() {
    let spans = Spans::new();
    CART.sync_scope(3, || spans.tracer().start("typed").end());
    let span = spans.finished().remove(0);
    assert_eq!(span.attributes, [KeyValue::new("cart", 3_i64)]);
}

#[test]
fn an_attribute_named_like_a_variable_is_kept_under_another_name() {
    let spans = Spans::new();
    spans.with_tracing(|| {
        context("r-1", "acme").sync_scope(|| {
            drop(tracing::info_span!(
                "named",
                tenant = "forged",
                request_id = "r-1"
            ));
        });
    });
    let [id, tenant] = [OF_R1[0], OF_R1[1]];
    let both = [id, ("span_tenant", "forged"), tenant];
    assert_eq!(spans.attributes("named"), pairs(&both));
}

/// Two requests have nested spans, which are entered and closed alternately.
#[test]
fn interleaved_requests_keep_their_spans_apart() {
    async fn handle() {
        for name in ["inner", "inner"] {
            let span = tracing::info_span!("inner", name);
            tracing::Instrument::instrument(suspend(), span).await;
        }
    }
    let spans = Spans::new();
    spans.with_tracing(|| {
        let request = |id, tenant| {
            context(id, tenant).scope(async {
                let outer = tracing::info_span!("outer");
                tracing::Instrument::instrument(handle(), outer).await;
            })
        };
        let (mut one, mut two) = (
            pin!(request("r-1", "acme")),
            pin!(request("r-2", "umbrella")),
        );
        let mut task = TaskContext::from_waker(Waker::noop());
        let (mut first, mut second) = (Poll::Pending, Poll::Pending);
        while first.is_pending() || second.is_pending() {
            if first.is_pending() {
                first = one.as_mut().poll(&mut task);
            }
            if second.is_pending() {
                second = two.as_mut().poll(&mut task);
            }
        }
    });
    let finished = spans.finished();
    assert_eq!(finished.len(), 6);
    for trace in finished.chunk_by(|a, b| a.span_context.trace_id() == b.span_context.trace_id()) {
        let ids = |span: &SpanData| {
            let find = |key| {
                let found = span.attributes.iter().find(|a| a.key.as_str() == key);
                found.map(|a| a.value.to_string())
            };
            (find("request_id").unwrap(), find("tenant").unwrap())
        };
        assert!(trace.iter().all(|span| ids(span) == ids(&trace[0])));
    }
    let of = |id: &str| {
        let is = |span: &&SpanData| span.attributes.iter().any(|a| a.value.to_string() == id);
        finished.iter().filter(is).count()
    };
    assert_eq!((of("r-1"), of("r-2")), (3, 3));
}

/// Returns `Pending` once.
async fn suspend() {
    let mut polled = false;
    std::future::poll_fn(|_| {
        if std::mem::replace(&mut polled, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

#[test]
fn nothing_of_a_closed_span_is_on_another_span() {
    // No layer exports the span of `tracing`, as if it were not sampled or were filtered out.
    let spans = Spans::new();
    let nobody = tracing_subscriber::layer::Identity::new();
    let subscriber = tracing_subscriber::registry().with(with_variables(nobody));
    propagate_context_tests::with_default(subscriber, || {
        TENANT.sync_scope("acme".to_owned(), || drop(tracing::info_span!("unseen")));
    });
    spans.tracer().start("plain").end();
    assert_eq!(spans.attributes("plain"), []);
}
