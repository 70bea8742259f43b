//! `TransactionTags`: adds the variables to transactions and their spans.

use sentry_core::configure_scope;
use tracing_core::Subscriber;
use tracing_core::span::{Attributes, Id};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use crate::variables;

/// Tags each transaction and span that Sentry creates for a `tracing` span with the logged variables.
///
/// They are those of the scope in which the span was created, even if another request enters it first. Add the layer
/// after Sentry's own:
///
/// ```
/// use propagate_context_sentry::TransactionTags;
/// use sentry::integrations::tracing::SpanLayer;
/// use tracing_subscriber::layer::SubscriberExt;
///
/// let subscriber = tracing_subscriber::registry()
///     .with(SpanLayer::new())
///     .with(TransactionTags);
/// # drop(subscriber);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TransactionTags;

/// Tags the transaction or span of the current hub with the logged variables of the current scope. Use it for
/// transactions that `sentry-tower` or `sentry-actix` create.
///
/// Call it in each request, inside both Sentry's layer and the layer that opens the context: at the start of the
/// handler, or in a middleware such as axum's `from_fn`.
///
/// ```
/// async fn checkout() {
///     propagate_context_sentry::tag_transaction();
///     // ..
/// }
/// # drop(checkout());
/// ```
pub fn tag_transaction() {
    if let Some(span) = configure_scope(|scope| scope.get_span()) {
        for (name, value) in variables::as_text() {
            span.set_tag(&name, value);
        }
    }
}

/// The variables that were current when a span was created, until it is first entered.
struct Tags(Vec<(String, String)>);

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for TransactionTags {
    fn on_new_span(&self, _: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(Tags(variables::as_text()));
        }
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        let tags = context
            .span(id)
            .and_then(|span| span.extensions_mut().remove::<Tags>());
        // Sentry's own layer has just entered the span, so it is the span of the hub.
        let entered = || configure_scope(|scope| scope.get_span());
        if let Some((Tags(tags), span)) = tags.and_then(|tags| Some((tags, entered()?))) {
            for (name, value) in tags {
                span.set_tag(&name, value);
            }
        }
    }
}
