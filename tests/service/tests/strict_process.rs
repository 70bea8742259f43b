//! `testing::strict` applies to all reads of the process, so this test is a binary of its own.

use propagate_context::testing;
use propagate_context_service::TENANT;

#[test]
fn every_read_outside_every_scope_panics() {
    assert_eq!(TENANT.get(), None);
    testing::strict();
    let failed = std::panic::catch_unwind(|| TENANT.get()).expect_err("the read is outside");
    let message = failed.downcast::<String>().expect("a text");
    assert!(
        message.starts_with("`tenant` was read outside every scope"),
        "{message}"
    );
    let inside = TENANT.sync_scope("acme".to_owned(), || TENANT.get());
    assert_eq!(inside.as_deref(), Some("acme"));
}
