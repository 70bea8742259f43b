//! Adds the ids of the current span to log lines.

use opentelemetry::trace::TraceContextExt;
use propagate_context::add_log_source;

/// The names on log lines. OpenTelemetry's spans and log records have dedicated fields for them.
pub(crate) const NAMES: [&str; 2] = ["trace_id", "span_id"];

/// Adds the `trace_id` and `span_id` of OpenTelemetry's current span to each log line that has the variables of
/// `propagate-context`.
///
/// Call it once, at the start of the process. Lines that are logged outside of every span have neither id.
///
/// ```
/// propagate_context_opentelemetry::log_trace_ids();
/// ```
pub fn log_trace_ids() {
    add_log_source(|add| {
        let context = opentelemetry::Context::current();
        let span = context.span();
        let ids = span.span_context();
        if ids.is_valid() {
            add(NAMES[0], &ids.trace_id());
            add(NAMES[1], &ids.span_id());
        }
    });
}
