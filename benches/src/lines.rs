//! A log line of `tracing_subscriber`, in JSON and as text: alone, with our context, and with the fields of a span.

use std::io;

use propagate_context::tracing::{ContextWriter, with_context};
use propagate_context::{Context, ContextVar, REQUEST_ID};
use tracing::Dispatch;
use tracing::dispatcher::with_default;
use tracing_subscriber::fmt::format::{Format, Json};

use crate::{Case, NAME, Run};

static USER: ContextVar<String> = ContextVar::new("user").logged();
static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();

/// Not logged: the cost of a line must not depend on them.
static UNLOGGED: [ContextVar<u64>; 253] = [const { ContextVar::new("unlogged") }; 253];

#[must_use]
pub fn cases() -> Vec<Case> {
    vec![
        Case::new("line", crate::floor::PLAIN, || write(json(), |log| log())),
        Case::new("line", "ours", || {
            let context = context();
            write(ours(), move |log| context.sync_scope(log))
        }),
        Case::new("line", "ours, writer", || {
            let context = context();
            write(writer(), move |log| context.sync_scope(log))
        }),
        Case::new("text line", crate::floor::PLAIN, || {
            write(text(), |log| log())
        }),
        Case::new("text line", "ours", || {
            let context = context();
            write(ours_in_text(), move |log| context.sync_scope(log))
        }),
        Case::new("line, 256 variables", "ours", || {
            let context = context_of_many();
            write(ours(), move |log| context.sync_scope(log))
        }),
        Case::new("line, 256 variables", "ours, writer", || {
            let context = context_of_many();
            write(writer(), move |log| context.sync_scope(log))
        }),
        Case::new("line", "tracing", || {
            write(json(), |log| {
                tracing::info_span!(
                    "request",
                    request_id = NAME,
                    user = "alice",
                    tenant = "acme"
                )
                .in_scope(log);
            })
        }),
    ]
}

fn context() -> Context {
    Context::empty()
        .with(&REQUEST_ID, NAME.parse().expect("a valid id"))
        .with(&USER, "alice".to_owned())
        .with(&TENANT, "acme".to_owned())
}

fn context_of_many() -> Context {
    UNLOGGED
        .iter()
        .fold(context(), |context, variable| context.with(variable, 1))
}

fn json() -> Dispatch {
    tracing_subscriber::fmt()
        .json()
        .with_writer(io::sink)
        .into()
}

fn ours() -> Dispatch {
    let ours = |format: Format<Json>| with_context(format);
    tracing_subscriber::fmt()
        .json()
        .map_event_format(ours)
        .with_writer(io::sink)
        .into()
}

/// The variables are added to the line after the formatter, for subscribers whose format cannot be changed.
fn writer() -> Dispatch {
    tracing_subscriber::fmt()
        .json()
        .with_writer(ContextWriter::new(io::sink))
        .into()
}

fn text() -> Dispatch {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(io::sink)
        .into()
}

fn ours_in_text() -> Dispatch {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .map_event_format(with_context)
        .with_writer(io::sink)
        .into()
}

/// Writes lines in the surroundings that `around` sets up.
fn write(subscriber: Dispatch, around: impl Fn(&mut dyn FnMut()) + 'static) -> Run {
    Box::new(move |times| {
        with_default(&subscriber, || {
            around(&mut || {
                for n in 0..times {
                    tracing::info!(order = n, "placed an order");
                }
            });
        });
    })
}
