//! Reports each panic as a single issue.

use tracing_core::Metadata;

/// Returns false for the log lines that `propagate-context` writes for a panic, and true for all other events.
///
/// Sentry's panic integration reports the panic itself. The lines that `install_panic_hook` and the layers log for it
/// would become a second and a third issue. Filter them out of the layer that turns events into issues.
///
/// ```
/// use propagate_context_sentry::is_not_panic_line;
/// use sentry::integrations::tracing::ErrorLayer;
/// use tracing_subscriber::filter::filter_fn;
/// use tracing_subscriber::layer::{Layer, SubscriberExt};
///
/// let issues = ErrorLayer::new().with_filter(filter_fn(is_not_panic_line));
/// let subscriber = tracing_subscriber::registry().with(issues);
/// # drop(subscriber);
/// ```
#[must_use]
pub fn is_not_panic_line(metadata: &Metadata<'_>) -> bool {
    let is_of_the_hook = metadata.target() == "panic";
    let is_of_a_layer =
        metadata.target() == "propagate_context" && metadata.fields().field("panic").is_some();
    !(is_of_the_hook || is_of_a_layer)
}
