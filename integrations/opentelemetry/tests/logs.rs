//! Each log record has the variables of the scope that logs it, on whichever thread that scope runs.

mod support;

use opentelemetry::logs::{AnyValue, LoggerProvider as _};
use opentelemetry_appender_tracing::layer::OpenTelemetryTracingBridge;
use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider, SimpleLogProcessor};
use propagate_context::propagate_context;
use propagate_context_opentelemetry::ContextLogProcessor;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer as _, SubscriberExt};

use self::support::{NOISY, Noisy, TENANT, in_request};

struct Logs {
    exporter: InMemoryLogExporter,
    provider: SdkLoggerProvider,
}

fn logs() -> (Logs, impl tracing::Subscriber + Send + Sync) {
    let exporter = InMemoryLogExporter::default();
    let provider = SdkLoggerProvider::builder()
        .with_log_processor(ContextLogProcessor::new(SimpleLogProcessor::new(
            exporter.clone(),
        )))
        .build();
    // Exclude the SDK's own log events.
    let of_the_test = filter_fn(|metadata| metadata.target() == module_path!());
    let bridge = OpenTelemetryTracingBridge::new(&provider).with_filter(of_the_test);
    let subscriber = tracing_subscriber::registry().with(bridge);
    (Logs { exporter, provider }, subscriber)
}

impl Logs {
    /// Returns the attributes of each record, in the order of emission.
    fn attributes(&self) -> Vec<Vec<(String, String)>> {
        self.provider.force_flush().unwrap();
        let records = self.exporter.get_emitted_logs().unwrap();
        let text = |value: &AnyValue| match value {
            AnyValue::String(text) => text.as_str().to_owned(),
            other => format!("{other:?}"),
        };
        records
            .iter()
            .map(|log| {
                log.record
                    .attributes_iter()
                    .map(|(key, value)| (key.to_string(), text(value)))
                    .collect()
            })
            .collect()
    }

    fn values_of(&self, key: &str) -> Vec<Option<String>> {
        let of = |record: Vec<(String, String)>| {
            let last = record.into_iter().rev().find(|(name, _)| name == key);
            last.map(|(_, value)| value)
        };
        self.attributes().into_iter().map(of).collect()
    }
}

#[propagate_context]
async fn logs_everywhere() {
    tracing::info!("await");
    tokio::spawn(async { tracing::info!("spawn") })
        .await
        .unwrap();
    tokio::task::spawn_blocking(|| tracing::info!("blocking"))
        .await
        .unwrap();
    std::thread::spawn(|| tracing::info!("thread"))
        .join()
        .unwrap();
}

#[test]
fn a_record_has_the_variables_of_the_scope_that_logs() {
    let (logs, subscriber) = logs();
    // A global subscriber, because a thread-local one does not apply to the test's other threads.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(in_request("r-1", "acme", logs_everywhere()));
    runtime.block_on(in_request("r-2", "umbrella", logs_everywhere()));
    tracing::info!("outside");

    let expected = |id: &str| vec![Some(id.to_owned()); 4];
    let ids = logs.values_of("request_id");
    assert_eq!(ids, [expected("r-1"), expected("r-2"), vec![None]].concat());
    let tenants = logs.values_of("tenant");
    assert_eq!(
        tenants,
        [expected("acme"), expected("umbrella"), vec![None]].concat()
    );
}

#[test]
fn an_event_field_cannot_pass_for_a_variable() {
    let (logs, subscriber) = logs();
    propagate_context_tests::with_default(subscriber, || {
        TENANT.sync_scope("acme".to_owned(), || {
            tracing::info!(tenant = "forged", "welcome");
        });
    });
    assert_eq!(logs.values_of("tenant"), [Some("acme".to_owned())]);
}

#[test]
fn only_the_value_that_panics_or_logs_is_dropped() {
    let (logs, subscriber) = logs();
    propagate_context_tests::with_default(subscriber, || {
        TENANT.sync_scope("acme".to_owned(), || {
            NOISY.sync_scope(Noisy::Panics, || tracing::info!("first"));
            let logger = logs.provider.logger("a value");
            NOISY.sync_scope(Noisy::Logs(logger), || tracing::info!("second"));
            NOISY.sync_scope(Noisy::IsLong, || tracing::info!("third"));
        });
    });
    let noisy = logs.values_of("noisy");
    // The second record was logged by the value itself. No values are rendered while another value is being rendered.
    let (first, nested, second, third) = (&noisy[0], &noisy[1], &noisy[2], &noisy[3]);
    assert_eq!(first.as_deref(), Some("<panicked>"));
    assert_eq!(nested.as_deref(), Some("<nested>"));
    assert_eq!(second.as_deref(), Some("logged"));
    assert_eq!(third.as_ref().map(String::len), Some(1024 + "…<cut>".len()));
    assert_eq!(logs.values_of("tenant")[0].as_deref(), Some("acme"));
}
