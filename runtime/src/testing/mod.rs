//! Utilities for tests: the log lines of one test, with their variables.
//!
//! ```
//! use propagate_context::{ContextVar, propagate_context, testing};
//!
//! static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
//!
//! #[propagate_context]
//! async fn place_order() {
//!     tracing::info!(items = 3, "placed");
//!     tokio::spawn(async { tracing::info!("charged") }).await.unwrap();
//! }
//!
//! // in a test: #[tokio::test]
//! # #[tokio::main(flavor = "current_thread")]
//! async fn main() {
//!     let logs = testing::Test::new()
//!         .with(&TENANT, "acme".to_owned())
//!         .run(place_order())
//!         .await
//!         .logs;
//!     logs.assert_each_has("tenant", "acme");
//!     assert_eq!(logs.lines().len(), 2);
//!     assert_eq!(logs.find("placed").field("items"), Some("3"));
//! }
//! ```
//!
//! Tests that run concurrently see only their own lines. Those are the lines of the thread that runs the test, and of
//! all tasks, threads and closures that inherit the context of the test, on any thread. The lines of a task without an
//! inherited context are captured only if it runs on the test's own thread. All tasks of a `#[tokio::test]` do so
//! unless it has several worker threads.
//!
//! A test does not need a subscriber: the first one installs a process-wide subscriber that writes no output. If the
//! tests of a program install their own subscriber, add [`layer`] to it.

mod layer;
mod logs;
mod test;

use crate::context::test_support;

pub use self::layer::{CaptureLayer, layer};
pub use self::logs::{Line, Logs};
pub use self::test::{Finished, Test};

/// Makes each later read of a variable outside of every scope panic, in the whole process. The test then fails at the
/// place where the context has been lost.
///
/// Call it in each test of a binary, or in a function that all of them call. Reads in code that runs during unwinding
/// do not panic. To check only one test, use [`Test::strict`].
///
/// ```should_panic
/// # use propagate_context::{ContextVar, testing};
/// static TENANT: ContextVar<String> = ContextVar::new("tenant");
///
/// testing::strict();
/// TENANT.get(); // panics: `tenant` was read outside every scope
/// ```
pub fn strict() {
    test_support::be_strict();
}

/// Asserts that [`audit::layer`](crate::audit::layer) has seen no line of first-party code without context so far.
///
/// # Panics
///
/// Panics with the report if a line was outside of every context, whether in a task or not.
#[cfg(feature = "audit")]
#[track_caller]
pub fn assert_every_line_in_scope() {
    let report = crate::audit::report();
    assert!(report.lost().next().is_none(), "{report}");
}
