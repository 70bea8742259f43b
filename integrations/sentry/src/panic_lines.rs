//! One issue for one panic.

use tracing_core::Metadata;

/// Whether an event is something else than the line that this crate's runtime writes for a panic.
///
/// Sentry's panic integration reports the panic itself. The lines that `install_panic_hook` and the layers write for it
/// would be a second and a third issue: keep them from the layer that makes issues of events.
///
/// ```
/// use propagate_context_sentry::is_no_panic_line;
/// use sentry::integrations::tracing::ErrorLayer;
/// use tracing_subscriber::filter::filter_fn;
/// use tracing_subscriber::layer::{Layer, SubscriberExt};
///
/// let issues = ErrorLayer::new().with_filter(filter_fn(is_no_panic_line));
/// let subscriber = tracing_subscriber::registry().with(issues);
/// # drop(subscriber);
/// ```
#[must_use]
pub fn is_no_panic_line(metadata: &Metadata<'_>) -> bool {
    let is_of_the_hook = metadata.target() == "panic";
    let is_of_a_layer =
        metadata.target() == "propagate_context" && metadata.fields().field("panic").is_some();
    !(is_of_the_hook || is_of_a_layer)
}
