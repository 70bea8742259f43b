//! What the crate itself has to say on a log: through `tracing` where that feature is on, else through `log`, else
//! not at all.
//!
//! No line repeats a value that came from outside: who sends it could write the log otherwise.

use std::fmt::Display;

/// `line!(level, [fields,] "text"; "text with the fields")`: the fields are apart from the text for `tracing` alone.
#[cfg(feature = "tracing")]
macro_rules! line {
    ($level:ident, [$($fields:tt)*] $text:literal; $($flat:tt)+) => {
        tracing::$level!(target: "propagate_context", $($fields)* $text)
    };
}
#[cfg(all(feature = "log", not(feature = "tracing")))]
macro_rules! line {
    ($level:ident, [$($fields:tt)*] $text:literal; $($flat:tt)+) => {
        log::$level!(target: "propagate_context", $($flat)+)
    };
}
#[cfg(not(any(feature = "log", feature = "tracing")))]
macro_rules! line {
    ($level:ident, [$($fields:tt)*] $text:literal; $($flat:tt)+) => {
        // Compiled, so that what a line is made of is used, and never formatted.
        if false {
            let _ = format_args!($($flat)+);
        }
    };
}

/// A value that came from outside, or was to leave, and was dropped.
pub(crate) fn left_out(variable: &str, key: &str, reason: &dyn Display) {
    line!(
        debug, [name = variable, key, reason = %reason,] "dropped context value";
        "dropped context value: name={variable} key={key} reason={reason:?}", reason = reason.to_string()
    );
}

/// Something for whoever runs the program to look at.
pub(crate) fn warning(what: &dyn Display) {
    line!(warn, [] "{what}"; "{what}");
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
pub(crate) fn panic(message: &str) {
    #[cfg(any(feature = "log", feature = "tracing"))]
    if REPORTED.take() {
        return;
    }
    line!(
        error, [panic = message,] "a request was answered with 500 after a panic";
        "a request was answered with 500 after a panic: {message:?}"
    );
}

/// The far end went away, most of the time.
#[cfg(any(feature = "actix-web", feature = "tower"))]
pub(crate) fn abandoned(what: &str, before: &str) {
    line!(debug, [] "the {what} was dropped before {before}"; "the {what} was dropped before {before}");
}
