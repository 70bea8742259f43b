//! The logged variables on every line of a [`tracing_subscriber`] formatter.
//!
//! One line in the set-up of the subscriber, for text ([`with_context`]):
//!
//! ```
//! # use propagate_context::ContextVar;
//! tracing_subscriber::fmt()
//!     .map_event_format(propagate_context::tracing::with_context)
//!     .init();
//!
//! static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
//! TENANT.sync_scope("acme".to_owned(), || tracing::info!("welcome"));
//! // tenant=acme 2026-11-22T10:00:00.000000Z  INFO shop: welcome
//! ```
//!
//! and for JSON ([`with_json_context`]):
//!
//! ```
//! # use propagate_context::ContextVar;
//! # let output = Output::default();
//! # let make_output = { let output = output.clone(); move || output.clone() };
//! let subscriber = tracing_subscriber::fmt()
//!     .json()
//! #   .without_time().with_writer(make_output)
//!     .map_event_format(propagate_context::tracing::with_json_context)
//!     .finish();
//!
//! static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
//! # tracing::subscriber::with_default(subscriber, || {
//! TENANT.sync_scope("acme".to_owned(), || tracing::info!(target: "shop", "welcome"));
//! # });
//! // {"tenant":"acme","level":"INFO","fields":{"message":"welcome"},"target":"shop"}
//! # assert_eq!(output.text(), concat!(r#"{"tenant":"acme","level":"INFO","fields":{"message":"welcome"},"target":"shop"}"#, "\n"));
//! # use std::{io, sync::{Arc, Mutex}};
//! # #[derive(Clone, Default)]
//! # struct Output(Arc<Mutex<Vec<u8>>>);
//! # impl Output { fn text(&self) -> String { String::from_utf8(self.0.lock().unwrap().clone()).unwrap() } }
//! # impl io::Write for Output {
//! #     fn write(&mut self, bytes: &[u8]) -> io::Result<usize> { self.0.lock().unwrap().write(bytes) }
//! #     fn flush(&mut self) -> io::Result<()> { Ok(()) }
//! # }
//! ```
//!
//! The variables are read when the event happens and on the thread where it happens, so that a writer on a thread of
//! its own (`tracing_appender::non_blocking`) changes nothing; and they are read from the context, so that no level
//! and no filter of spans takes them from a line.
//!
#![doc = include_str!("docs/fields.md")]

mod json;
mod text;

use std::fmt;

use tracing_core::{Event, Subscriber};
use tracing_subscriber::{
    fmt::{FmtContext, FormatEvent, FormatFields, format::Writer},
    registry::LookupSpan,
};

/// Writes the logged variables in front of each line of a text format: full, compact, pretty, or one of your own.
///
/// For `map_event_format` of [`tracing_subscriber::fmt()`] and [`tracing_subscriber::fmt::layer()`], behind their options
/// for the format. What the format writes is untouched, its colours too; of an event that is written on several lines
/// the first one gets the variables.
///
/// ```
/// use tracing_subscriber::{layer::SubscriberExt, util::SubscriberInitExt};
///
/// tracing_subscriber::registry()
///     .with(tracing_subscriber::fmt::layer().map_event_format(propagate_context::tracing::with_context))
///     .init();
/// ```
///
/// Around a JSON format use [`with_json_context`]: in front of an object the variables are no part of it.
pub fn with_context<E>(format: E) -> WithContext<E> {
    WithContext { format }
}

/// Writes the logged variables into each line of a JSON format, as strings at the top level of the object.
///
/// For `map_event_format` of [`tracing_subscriber::fmt()`] and [`tracing_subscriber::fmt::layer()`], behind `.json()` and
/// its options.
///
/// ```
/// tracing_subscriber::fmt()
///     .json()
///     .flatten_event(true)
///     .map_event_format(propagate_context::tracing::with_json_context)
///     .init();
/// ```
///
/// A line that is no JSON object gets the variables as [`with_context`] writes them.
pub fn with_json_context<E>(format: E) -> WithJsonContext<E> {
    WithJsonContext { format }
}

/// An event format with the logged variables in front of what `E` writes; made by [`with_context`].
#[derive(Clone, Copy, Debug, Default)]
pub struct WithContext<E> {
    format: E,
}

/// An event format with the logged variables in the objects that `E` writes; made by [`with_json_context`].
#[derive(Clone, Copy, Debug, Default)]
pub struct WithJsonContext<E> {
    format: E,
}

impl<S, N, E> FormatEvent<S, N> for WithContext<E>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    E: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        text::write_fields(&mut writer)?;
        text::end_if_panicked(&mut writer, |writer| {
            self.format.format_event(ctx, writer, event)
        })
    }
}

impl<S, N, E> FormatEvent<S, N> for WithJsonContext<E>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    E: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        json::write(writer, |writer| {
            self.format.format_event(ctx, writer, event)
        })
    }
}
