#![doc = include_str!("../README.md")]

mod current_context;
mod log_processor;
mod span_layer;
mod span_processor;
mod trace_ids;
mod variables;

pub use self::current_context::CurrentContext;
pub use self::log_processor::ContextLogProcessor;
pub use self::span_layer::{CollectAtStart, HandToProcessor, OpenTelemetrySpans, with_variables};
pub use self::span_processor::ContextSpanProcessor;
pub use self::trace_ids::log_trace_ids;
