//! `ContextLogProcessor`: adds the variables to each log record.

use std::time::Duration;

use opentelemetry::logs::{AnyValue, LogRecord as _, Severity};
use opentelemetry::{InstrumentationScope, Value};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::logs::{LogProcessor, SdkLogRecord};

use crate::variables;

/// Adds the logged variables to each log record as attributes, then passes it to `P`.
///
/// A record is processed on the thread that emits it, so the values are those of the scope that logs, even if `P`
/// exports on another thread. It wraps `P`, because a processor that is registered after the exporting one would change
/// the record too late.
///
/// The variables are the last attributes. A backend that keeps the last of two attributes with the same name keeps the
/// variable, so that an event field `tenant` cannot pass for it.
///
/// ```
/// use opentelemetry_sdk::logs::{InMemoryLogExporter, SdkLoggerProvider, SimpleLogProcessor};
/// use propagate_context_opentelemetry::ContextLogProcessor;
///
/// let exporter = InMemoryLogExporter::default(); // or OTLP, with a `BatchLogProcessor`
/// let provider = SdkLoggerProvider::builder()
///     .with_log_processor(ContextLogProcessor::new(SimpleLogProcessor::new(exporter)))
///     .build();
/// # drop(provider);
/// ```
#[derive(Debug)]
pub struct ContextLogProcessor<P> {
    inner: P,
}

impl<P: LogProcessor> ContextLogProcessor<P> {
    /// Adds the variables to the records that `inner` processes.
    pub const fn new(inner: P) -> Self {
        Self { inner }
    }
}

impl<P: LogProcessor> LogProcessor for ContextLogProcessor<P> {
    fn emit(&self, record: &mut SdkLogRecord, instrumentation: &InstrumentationScope) {
        for variable in variables::current() {
            record.add_attribute(variable.key, any_value(variable.value));
        }
        self.inner.emit(record, instrumentation);
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

    fn event_enabled(&self, level: Severity, target: &str, name: Option<&str>) -> bool {
        self.inner.event_enabled(level, target, name)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.inner.set_resource(resource);
    }
}

fn any_value(value: Value) -> AnyValue {
    match value {
        Value::Bool(value) => AnyValue::Boolean(value),
        Value::I64(value) => AnyValue::Int(value),
        Value::F64(value) => AnyValue::Double(value),
        other => AnyValue::String(other.as_str().into_owned().into()),
    }
}
