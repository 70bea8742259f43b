//! What the crate itself has to say on a log: through `tracing` where that feature is on, else through `log`, else
//! not at all.
//!
//! No line repeats a value that came from outside: who sends it could write the log otherwise.

use std::fmt::Display;

/// A value that came from outside, or was to leave, and was dropped.
#[cfg_attr(
    not(any(feature = "tracing", feature = "log")),
    expect(unused_variables, reason = "nothing to report to")
)]
pub(crate) fn left_out(variable: &str, key: &str, reason: &dyn Display) {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "propagate_context", name = variable, key, reason = %reason, "dropped context value");
    #[cfg(all(feature = "log", not(feature = "tracing")))]
    log::debug!(target: "propagate_context", "dropped context value: name={variable} key={key} reason={reason:?}", reason = reason.to_string());
}

/// Something for whoever runs the program to look at.
#[cfg_attr(
    not(any(feature = "tracing", feature = "log")),
    expect(unused_variables, reason = "nothing to report to")
)]
pub(crate) fn warning(what: &dyn Display) {
    #[cfg(feature = "tracing")]
    tracing::warn!(target: "propagate_context", "{what}");
    #[cfg(all(feature = "log", not(feature = "tracing")))]
    log::warn!(target: "propagate_context", "{what}");
}

#[cfg(any(feature = "log", feature = "tracing"))]
thread_local! {
    /// Whether the panic hook has written a line about the latest panic of this thread.
    static REPORTED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// The panic hook has written a line about the panic that this thread is about to unwind from.
#[cfg(any(feature = "log", feature = "tracing"))]
pub(crate) fn note_reported_panic() {
    REPORTED.set(true);
}

/// A panic that was turned into a response, unless the hook has reported it.
#[cfg(any(feature = "actix-web", feature = "tower"))]
#[cfg_attr(
    not(any(feature = "tracing", feature = "log")),
    expect(unused_variables, reason = "nothing to report to")
)]
pub(crate) fn panic(message: &str) {
    #[cfg(any(feature = "log", feature = "tracing"))]
    if REPORTED.take() {
        return;
    }
    #[cfg(feature = "tracing")]
    tracing::error!(target: "propagate_context", panic = message, "a request was answered with 500 after a panic");
    #[cfg(all(feature = "log", not(feature = "tracing")))]
    log::error!(target: "propagate_context", "a request was answered with 500 after a panic: {message:?}");
}

/// The far end went away, most of the time.
#[cfg(any(feature = "actix-web", feature = "tower"))]
#[cfg_attr(
    not(any(feature = "tracing", feature = "log")),
    expect(unused_variables, reason = "nothing to report to")
)]
pub(crate) fn abandoned(what: &str, before: &str) {
    #[cfg(feature = "tracing")]
    tracing::debug!(target: "propagate_context", "the {what} was dropped before {before}");
    #[cfg(all(feature = "log", not(feature = "tracing")))]
    log::debug!(target: "propagate_context", "the {what} was dropped before {before}");
}
