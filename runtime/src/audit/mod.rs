//! Finds the call sites whose log lines are outside of every context, and counts those lines.
//!
//! ```
//! use propagate_context::{audit, tracing::with_context};
//! use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
//!
//! tracing_subscriber::registry()
//!     .with(tracing_subscriber::fmt::layer().map_event_format(with_context))
//!     .with(audit::layer())
//!     .init();
//! let _summary = audit::summary(); // printed to standard error at the end of `main`
//!
//! tracing::info!("starting");
//! println!("{}", audit::report());
//! ```
//!
//! ```text
//! log lines without context, in tasks:
//!     40 of 52  src/mail.rs:26 (shop::mail)
//! log lines without context, outside of tasks:
//!      1 of 1   src/main.rs:12 (shop)
//! ```
//!
//! An event counts as without context if no scope is current, or if the current scope is that of an annotated function
//! that was called without a context, and in which nothing has been set. A scope that is empty on purpose
//! (`#[detached]`, [`Context::empty`](crate::Context::empty)) is not a loss: its lines are counted separately.
//!
//! Only first-party code is counted: files with a relative path, which are those of the packages in the workspace that
//! is built, except below `vendor/`; or the files that [`AuditLayer::first_party`] names.
//!
//! Code that does not log is not seen, nor are events that a filter drops before the layer. Lines of threads and
//! `LocalSet`s count as outside of tasks. A line alone does not show which spawn it comes from. With `--cfg
//! tokio_unstable` the function `hooks` installs tokio's task hooks, which provide that information.
//!
//! A subscriber needs one such layer: a second one that counts for the same report counts nothing. Use [`reset`] to
//! clear the report between tests, or [`AuditLayer::separate`] for a separate report.
//!
//! # Performance
//!
//! There is no overhead unless the layer is installed. With the layer, an event takes a look-up in a table, without
//! locks and allocations, and one atomic addition: 55 instructions. A request through axum with three lines takes
//! 13,321 instructions if the lines are not written, and 13,486 with the layer. Writing a line takes about 17,000 more,
//! so the layer is 0.3 percent of the request. `cargo run --release --features server --bin counts -- 'axum request'`
//! in `benches/` measures it. Memory is bounded: at most 10,000 sites are listed. The lines of all others are counted
//! together, since targets of the `log` crate can be created at run time.

mod callsites;
#[cfg(tokio_unstable)]
mod hooks;
mod layer;
mod report;
mod store;
mod summary;

#[cfg(tokio_unstable)]
pub use self::hooks::{LongLived, hooks, long_lived, on_task_spawn, on_task_terminate};
pub use self::layer::{AuditLayer, layer};
pub use self::report::{Report, SiteReport, SpawnReport};
pub use self::store::{report, reset};
pub use self::summary::{Summary, summary};
