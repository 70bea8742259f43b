//! Which log lines are outside of every context, and how often: the call sites to mend.
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
//! tracing::info!("nobody's request");
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
//! built, but not below `vendor/`; or those that [`AuditLayer::first_party`] names.
//!
//! What is not seen: code that logs nothing, and events that a filter drops before the layer. Threads and
//! `LocalSet`s are outside of tasks as far as their lines tell; which spawn a lost line comes from, the line does not
//! tell: with `--cfg tokio_unstable` a function `hooks` is here, which installs hooks of tokio's that add it.
//!
//! # Performance
//!
//! Nothing where the layer is not installed; else an event takes one shared lock and one look-up more.

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
pub use self::store::report;
pub use self::summary::{Summary, summary};
