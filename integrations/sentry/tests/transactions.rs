//! Each transaction and span has the variables of the scope in which its `tracing` span was made.

mod support;

use propagate_context_sentry::TransactionTags;
use sentry::ClientOptions;
use sentry::integrations::tracing::SpanLayer;
use tracing_subscriber::layer::SubscriberExt;

use self::support::{Sentry, context};

#[test]
fn a_transaction_has_the_variables_of_where_it_was_made() {
    let sentry = Sentry::new(ClientOptions::new());
    let subscriber = tracing_subscriber::registry()
        .with(SpanLayer::new())
        .with(TransactionTags);
    propagate_context_tests::with_default(subscriber, || {
        let of_r1 = context("r-1", "acme").sync_scope(|| tracing::info_span!("of r-1"));
        context("r-2", "umbrella").sync_scope(|| {
            // Entered by another request, and twice.
            of_r1.in_scope(|| tracing::info_span!("child of r-2").in_scope(|| ()));
            of_r1.in_scope(|| ());
            drop(of_r1);
        });
        tracing::info_span!("outside").in_scope(|| ());
    });
    let transactions = sentry.transactions();
    assert_eq!(transactions.len(), 2);
    let (of_r1, outside) = (&transactions[0], &transactions[1]);
    assert_eq!(of_r1.name.as_deref(), Some("of r-1"));
    assert_eq!(of_r1.tags["request_id"], "r-1");
    assert_eq!(of_r1.tags["tenant"], "acme");
    assert_eq!(of_r1.spans.len(), 1);
    assert_eq!(of_r1.spans[0].tags["request_id"], "r-2");
    assert_eq!(of_r1.spans[0].tags["tenant"], "umbrella");
    assert!(!outside.tags.contains_key("request_id"));
}
