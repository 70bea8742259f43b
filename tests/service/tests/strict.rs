//! `Test::strict`: a read outside every scope fails the test. In a separate process with its own subscriber.

use propagate_context::audit;
use propagate_context::testing::{Test, assert_every_line_in_scope};
use propagate_context_service::{TENANT, place};
use tracing_subscriber::layer::SubscriberExt;

#[tokio::test]
async fn a_read_outside_every_scope_fails() {
    let subscriber = tracing_subscriber::registry()
        .with(propagate_context::testing::layer())
        .with(audit::layer());
    tracing::subscriber::set_global_default(subscriber).expect("nothing else runs in this process");

    let test = Test::new().with(&TENANT, "acme".to_owned()).strict();
    let finished = test
        .run(async {
            place(1).await;
            tokio::spawn(async { TENANT.get() }).await
        })
        .await;
    let lost = finished.result.expect_err("the task panics").into_panic();
    let message = lost.downcast::<String>().expect("a text");
    assert!(
        message.starts_with("`tenant` was read outside every scope: annotate"),
        "{message}"
    );

    // A log line outside of every scope is not a read by the program.
    assert_every_line_in_scope();
    tracing::info!("outside");
    let failed = std::panic::catch_unwind(assert_every_line_in_scope).expect_err("it was outside");
    let message = failed.downcast::<String>().expect("a text");
    assert!(message.contains("tests/strict.rs:"), "{message}");
}
