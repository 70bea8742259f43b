#![doc = include_str!("../README.md")]

mod log_processor;
mod span_layer;
mod span_processor;
mod variables;

pub use self::log_processor::ContextLogProcessor;
pub use self::span_layer::{CollectAtStart, HandToProcessor, OpenTelemetrySpans, with_variables};
pub use self::span_processor::ContextSpanProcessor;
