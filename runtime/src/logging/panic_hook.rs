//! Panics on the log.

use std::panic::{self, PanicHookInfo};
use std::sync::Once;
use std::thread;

/// Logs each panic in the context in which it happens, then does what was done before.
///
/// One line at the level of errors, through `tracing` where that feature is on and the program has a subscriber, else
/// through `log`. The set-up of the subscriber or logger puts the logged variables on it as on any line.
///
/// Once for the process: to install it again does nothing, so that a library and its program may both do it.
///
/// A hook must not panic itself, or the process ends: so it does here where the `Display` of a logged variable panics.
///
/// ```
/// # use propagate_context::ContextVar;
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
///
/// propagate_context::install_panic_hook();
/// let job = TENANT.scope("acme".to_owned(), async { panic!("out of thumbnails") });
/// # drop(job);
/// // tenant=acme 2026-11-22T10:00:00.000000Z ERROR panic: panicked reason="out of thumbnails" at="src/job.rs:7:51" thread="worker"
/// ```
///
/// # Panics
///
/// Where it is called by code that runs because of a panic, such as a destructor, as [`panic::set_hook`] does.
pub fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once_force(|_| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            report(panic);
            before(panic);
        }));
    });
}

fn report(panic: &PanicHookInfo<'_>) {
    let reason = reason(panic);
    let at = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    let thread = thread::current();
    let thread = thread.name().unwrap_or_default();
    // As fields, which every format escapes: what a panic says may come from outside.
    #[cfg(feature = "log")]
    if !has_subscriber() {
        // In place of the event: where some crate turns on `tracing`'s own feature `log`, that would be a second line.
        log::error!(target: "panic", reason:%, at:%, thread:%; "panicked: {reason:?} at {at}");
        return;
    }
    #[cfg(feature = "tracing")]
    tracing::error!(target: "panic", reason, at, thread, "panicked");
}

#[cfg(feature = "log")]
fn has_subscriber() -> bool {
    #[cfg(feature = "tracing")]
    return tracing::dispatcher::has_been_set();
    #[cfg(not(feature = "tracing"))]
    return false;
}

fn reason<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    match payload.downcast_ref::<String>() {
        Some(text) => text,
        None => payload.downcast_ref::<&str>().copied().unwrap_or_default(),
    }
}
