//! Each transaction and span has the variables of the scope in which its `tracing` span was created. A transaction of
//! `sentry-tower` has the variables of its request.

mod support;

use std::sync::{Mutex, MutexGuard, PoisonError};

use propagate_context_sentry::{TransactionTags, tag_transaction};
use sentry::ClientOptions;
use sentry::integrations::tower::{NewSentryLayer, SentryHttpLayer};
use sentry::integrations::tracing::SpanLayer;
use tower::{Layer, ServiceExt, service_fn};
use tracing_subscriber::layer::SubscriberExt;

use self::support::{Sentry, context, in_request};

/// The tests share Sentry's main hub.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Sends a request through Sentry's own tower layers.
async fn through_tower(id: &'static str) {
    let handler = service_fn(move |_: http::Request<String>| {
        in_request(id, "acme", async {
            tag_transaction();
            tokio::task::yield_now().await;
            Ok::<_, std::convert::Infallible>(http::Response::new(String::new()))
        })
    });
    let service = SentryHttpLayer::new().enable_transaction().layer(handler);
    let service = NewSentryLayer::new_from_top().layer(service);
    service.oneshot(http::Request::default()).await.unwrap();
}

#[test]
fn a_transaction_of_sentry_tower_has_the_variables_of_its_request() {
    let _alone = alone();
    let sentry = Sentry::new(ClientOptions::new());
    tag_transaction(); // does nothing: there is no transaction
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async { tokio::join!(through_tower("r-1"), through_tower("r-2")) });
    let transactions = sentry.transactions();
    let mut ids: Vec<_> = transactions
        .iter()
        .map(|transaction| {
            (
                &*transaction.tags["request_id"],
                &*transaction.tags["tenant"],
            )
        })
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, [("r-1", "acme"), ("r-2", "acme")]);
}

#[test]
fn a_transaction_has_the_variables_of_where_it_was_made() {
    let _alone = alone();
    let sentry = Sentry::new(ClientOptions::new());
    let subscriber = tracing_subscriber::registry()
        .with(SpanLayer::new())
        .with(TransactionTags);
    propagate_context_tests::with_default(subscriber, || {
        let of_r1 = context("r-1", "acme").sync_scope(|| tracing::info_span!("of r-1"));
        context("r-2", "umbrella").sync_scope(|| {
            // Entered twice, in the scope of another request.
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
