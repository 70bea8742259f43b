//! Which log lines are outside of every context, and how often: the call sites to fix.
//!
//! ```
//! use propagate_context::{audit, tracing::with_context};
//! use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
//!
//! tracing_subscriber::registry()
//!     .with(tracing_subscriber::fmt::layer().map_event_format(with_context))
//!     .with(audit::layer())
//!     .init();
//! let _summary = audit::summary(); // on standard error, when it is dropped at the end of `main`
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
//! An event counts as without context where no scope is current, or a vacant one: that of an annotated function which
//! has been called without a context, where nothing has been set. A scope that is empty on purpose (`#[detached]`,
//! [`Context::empty`](crate::Context::empty)) is a decision: its lines are counted apart and are not losses.
//!
//! Only first-party code is looked at: files whose path is relative, as it is for the packages of the workspace that is
//! built, except below `vendor/`; or those that [`AuditLayer::first_party`] names.
//!
//! What is not counted: code that logs nothing, and events that a filter drops before the layer. Lines of threads and
//! `LocalSet`s count as outside of tasks. A line does not show which spawn it comes from: with `--cfg tokio_unstable` the
//! function `hooks` installs tokio's task hooks, which add that.
//!
//! A subscriber has one such layer: a second one that counts for the same report counts nothing. Between tests,
//! [`reset`] makes the report begin again; [`AuditLayer::separate`] has a report of its own.
//!
//! # Performance
//!
//! No overhead where the layer is not installed. Otherwise an event takes one look-up in a table, without a lock and
//! without an allocation, and one atomic addition: 55 instructions. A request through axum with three lines takes 13,321
//! instructions where nobody writes the lines, and 13,486 with the layer; where they are written, each line takes some 17,000
//! more, so that the layer is 0.3 percent of the request. `cargo run --release --features server --bin counts -- 'axum request'`
//! in `benches/` counts it. Memory is bounded: 10,000 sites are listed, and the lines of further ones
//! are counted together, as targets of the `log` crate may be made at run time.

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
