//! The logged variables on every line of a `tracing` subscriber.
//!
//! For a formatter of `tracing_subscriber`, one line in the setup is enough ([`with_context`]). For subscribers that
//! have a format of their own there is a writer ([`ContextWriter`]).
//!
//! ```
//! # use propagate_context::ContextVar;
//! static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
//!
//! tracing_subscriber::fmt()
//!     .json() // or compact(), or pretty(), or none of them
//!     .map_event_format(propagate_context::tracing::with_context)
//!     .init();
//! TENANT.sync_scope("acme".to_owned(), || tracing::info!("welcome"));
//! ```
//!
//! In JSON the variables are members of the object; in text they follow the level:
//!
//! ```text
//! {"tenant":"acme","timestamp":"2026-11-22T10:00:00.000000Z","level":"INFO","fields":{"message":"welcome"},"target":"shop"}
//! 2026-11-22T10:00:00.000000Z  INFO tenant=acme shop: welcome
//! ```
//!
//! The variables are read when the event happens and on the thread where it happens, so a writer on another thread
//! (`tracing_appender::non_blocking`) makes no difference. They are read from the context rather than from spans, so no
//! level and no filter of spans removes them from a line.
//!
#![doc = include_str!("../fields.md")]

mod colours;
mod current_span;
mod event;
mod format;
pub(crate) mod in_span;
mod json;
mod logfmt;
mod object;
mod spans;
mod text;
mod values;
mod writer;

pub use self::current_span::CurrentSpan;
pub use self::format::{WithContext, with_context};
pub use self::writer::{ContextLines, ContextWriter};
