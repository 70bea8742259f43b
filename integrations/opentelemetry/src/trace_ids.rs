//! The ids of the current span on log lines.

use opentelemetry::trace::TraceContextExt;
use propagate_context::add_log_source;

/// The names on log lines. A span and a log record of OpenTelemetry have both in fields of their own.
pub(crate) const NAMES: [&str; 2] = ["trace_id", "span_id"];

/// Puts `trace_id` and `span_id` of OpenTelemetry's current span on each log line that `propagate-context` puts variables on.
///
/// Once for the process, at its start. Lines that are logged outside of every span have neither.
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
