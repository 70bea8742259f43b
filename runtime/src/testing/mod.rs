//! For the tests of programs: the log lines of one test, with their variables.
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
//! Tests that run at once see their own lines alone. Those are the lines of the thread that runs the test, and of
//! tasks, threads and closures that inherit the context of the test, wherever they run; those of a task that inherits
//! nothing only where it runs on the test's own thread, as all tasks of a `#[tokio::test]` do unless it asks for more.
//!
//! A test needs no subscriber: the first one installs one for the process that writes nothing. A program whose tests
//! install a subscriber of their own adds [`layer`] to it.

mod layer;
mod logs;
mod test;

use crate::context::test_support;

pub use self::layer::{CaptureLayer, layer};
pub use self::logs::{Line, Logs};
pub use self::test::{Finished, Test};

/// From now on, in the whole process, a read of a variable outside every scope panics, and so fails the test that it is
/// part of: it is read where the context has been lost.
///
/// Call it in each test of a binary, or in what all of them call. Reads in code that unwinds do not panic. For one test
/// alone there is [`Test::strict`].
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

/// Fails where a line of first-party code was without context, as far as [`audit::layer`](crate::audit::layer) has seen
/// until now; with what it has seen.
///
/// # Panics
///
/// Where a line was outside of every context, whether in a task or not.
#[cfg(feature = "audit")]
#[track_caller]
pub fn assert_every_line_in_scope() {
    let report = crate::audit::report();
    assert!(report.lost().next().is_none(), "{report}");
}
