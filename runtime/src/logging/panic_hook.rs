//! Panics as log lines.

use std::cell::Cell;
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Once, mpsc};
use std::thread;
use std::time::Duration;

use crate::context::current;
use crate::context::frame::Frame;
use crate::context::guard::Guard;
use crate::util::reported_panic::REPORTED;

/// How long a panic waits for its line: the writer may wait for a lock that the thread which panics holds.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

thread_local! {
    /// Whether this thread does nothing but write the line of a panic.
    static IS_REPORTER: Cell<bool> = const { Cell::new(false) };
}

/// Logs each panic in the context in which it happens, then calls the hook that was installed before.
///
/// One line at the level of errors, through `tracing` where that feature is on and the program has a subscriber, else
/// through `log`. The set-up of the subscriber or logger puts the logged variables on it as on any line. A panic that
/// an entry turns into a response has no line beside this one.
///
/// The target of the line is `panic`. A filter that names targets and no level for the rest, such as
/// `RUST_LOG=my_crate=info`, drops it: write `RUST_LOG=my_crate=info,panic=error`.
///
/// Once for the process: to install it again does nothing, so that a library and its program may both do it.
///
/// ```
/// # use propagate_context::ContextVar;
/// static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
///
/// propagate_context::install_panic_hook();
/// let job = TENANT.scope("acme".to_owned(), async { panic!("out of thumbnails") });
/// # drop(job);
/// // 2026-11-22T10:00:00.000000Z ERROR tenant=acme panic: panicked reason="out of thumbnails" at="src/job.rs:7:51" thread="worker"
/// ```
///
/// A hook must not panic itself, or the process ends. So the line is written by a short-lived thread: whatever panics
/// there, such as a formatter or the `Display` of a variable, costs this line alone. The thread that panics waits for it,
/// for a second at most: where it holds a lock that the writer needs, the line is written after it has released that.
///
/// # Panics
///
/// Where it is called by code that runs because of a panic, such as a destructor, as [`panic::set_hook`] does.
pub fn install_panic_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once_force(|_| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !IS_REPORTER.get() {
                report(panic);
            }
            before(panic);
        }));
    });
}

fn report(panic: &PanicHookInfo<'_>) {
    let Some(sink) = Sink::of_this_thread() else {
        return;
    };
    let report = Report {
        reason: reason(panic).to_owned(),
        at: panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default(),
        thread: thread::current().name().unwrap_or_default().to_owned(),
        scope: current::share(),
    };
    // Formatters that show the name of the thread show that of the one that panics.
    let reporter = thread::Builder::new().name(report.thread.clone());
    let (done, wait) = mpsc::channel::<()>();
    let started = reporter.spawn(move || {
        IS_REPORTER.set(true);
        report.write(sink);
        drop(done); // in unwinding, too
    });
    if started.is_ok() {
        _ = wait.recv_timeout(LONGEST_WAIT);
        REPORTED.set(true);
    }
}

/// What is known of a panic.
struct Report {
    reason: String,
    at: String,
    thread: String,
    scope: Option<Arc<Frame>>,
}

impl Report {
    fn write(self, sink: Sink) {
        let _guard = self.scope.clone().map(Guard::new);
        let Self {
            reason, at, thread, ..
        } = &self;
        // As fields, which every format escapes: what a panic says may come from outside.
        match sink {
            #[cfg(feature = "tracing")]
            Sink::Subscriber(dispatch, span) => {
                tracing::dispatcher::with_default(&dispatch, || {
                    tracing::error!(target: "panic", parent: span, reason, at, thread, "panicked");
                });
            }
            #[cfg(feature = "log")]
            Sink::Logger => {
                log::error!(target: "panic", reason:%, at:%, thread:%; "panicked: {reason:?} at {at}");
            }
        }
    }
}

/// Where the line of a panic goes to.
enum Sink {
    /// The subscriber of the thread that panics, and the span that it is in.
    #[cfg(feature = "tracing")]
    Subscriber(tracing::Dispatch, Option<tracing::span::Id>),
    /// In place of the event: where some crate turns on `tracing`'s own feature `log`, that would be a second line.
    #[cfg(feature = "log")]
    Logger,
}

impl Sink {
    fn of_this_thread() -> Option<Self> {
        #[cfg(feature = "tracing")]
        if tracing::dispatcher::has_been_set() {
            // None where it is at work on this very thread, and cannot be entered again.
            let dispatch = tracing::dispatcher::get_default(Clone::clone);
            let is_none = dispatch.is::<tracing::subscriber::NoSubscriber>();
            return (!is_none).then(|| {
                let span = span_of(&dispatch);
                Self::Subscriber(dispatch, span)
            });
        }
        #[cfg(feature = "log")]
        return Some(Self::Logger);
        #[cfg(not(feature = "log"))]
        return None;
    }
}

/// The current span. Asked of a `Registry` alone, which cannot panic here: what else there is, is foreign.
#[cfg(feature = "tracing")]
fn span_of(dispatch: &tracing::Dispatch) -> Option<tracing::span::Id> {
    dispatch.downcast_ref::<tracing_subscriber::Registry>()?;
    dispatch.current_span().id().cloned()
}

fn reason<'a>(panic: &'a PanicHookInfo<'_>) -> &'a str {
    let payload = panic.payload();
    match payload.downcast_ref::<String>() {
        Some(text) => text,
        None => payload.downcast_ref::<&str>().copied().unwrap_or_default(),
    }
}
