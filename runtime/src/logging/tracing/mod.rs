//! The logged variables on every line of a [`tracing_subscriber`] formatter.
//!
//! One line in the set-up of the subscriber ([`with_context`]):
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
//! In JSON the variables are members of the object, in text they stand in front of the line:
//!
//! ```text
//! {"tenant":"acme","timestamp":"2026-11-22T10:00:00.000000Z","level":"INFO","fields":{"message":"welcome"},"target":"shop"}
//! tenant=acme 2026-11-22T10:00:00.000000Z  INFO shop: welcome
//! ```
//!
//! The variables are read when the event happens and on the thread where it happens, so that a writer on a thread of
//! its own (`tracing_appender::non_blocking`) changes nothing; and they are read from the context, so that no level
//! and no filter of spans takes them from a line.
//!
#![doc = include_str!("../fields.md")]

mod format;
mod json;
mod json_members;
mod text;

pub use self::format::{WithContext, with_context, with_json_context};
