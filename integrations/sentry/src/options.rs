//! Adds the variables to events and logs.

use std::sync::Arc;

use sentry_core::ClientOptions;
use sentry_core::protocol::{Event, Log, LogAttribute};

use crate::variables;

/// Adds the logged variables to each event as tags, and to each structured log as attributes. The `before_send` and
/// `before_send_log` of `options` run afterwards and see the variables.
///
/// Both run on the thread and in the scope that reports: after an await, in a spawned task, on a thread and in the
/// panic hook. One of the event's own tags that has the name of a variable is replaced.
///
/// ```
/// let options = sentry::ClientOptions::new().release("shop@1.2.0");
/// let _guard = sentry::init(propagate_context_sentry::with_context(options));
/// ```
pub fn with_context(mut options: ClientOptions) -> ClientOptions {
    let next = options.before_send.take();
    options.before_send = Some(Arc::new(move |mut event| {
        tag(&mut event);
        match &next {
            Some(next) => next(event),
            None => Some(event),
        }
    }));
    let next = options.before_send_log.take();
    options.before_send_log = Some(Arc::new(move |mut log| {
        add_attributes(&mut log);
        match &next {
            Some(next) => next(log),
            None => Some(log),
        }
    }));
    options
}

fn tag(event: &mut Event<'static>) {
    for (name, value) in variables::as_text() {
        event.tags.insert(name, value);
    }
}

fn add_attributes(log: &mut Log) {
    for (name, value) in variables::as_values() {
        log.attributes.insert(name, LogAttribute(value));
    }
}
