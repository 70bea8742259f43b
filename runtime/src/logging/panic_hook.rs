//! `install_panic_hook`: panics as log lines.

use std::cell::Cell;
use std::panic::{self, PanicHookInfo};
use std::sync::{Once, mpsc};
use std::thread;
use std::time::Duration;

use crate::context::current::{self, Scope};
use crate::context::guard::Guard;
use crate::util::reported_panic::REPORTED;

/// How long a panic waits for its line: the writer may wait for a lock that the panicking thread holds.
const LONGEST_WAIT: Duration = Duration::from_secs(1);

thread_local! {
    /// Whether this thread was started only to write the line of a panic.
    static IS_REPORTER: Cell<bool> = const { Cell::new(false) };
}

/// Logs each panic in the context in which it happens, then calls the hook that was installed before.
///
/// The line has the level `ERROR`. It is logged through `tracing` if that feature is enabled and the program has a
/// subscriber, otherwise through `log`. The subscriber or logger adds the logged variables to it as to any other line.
/// A panic that an entry turns into a response is logged only once, by this hook.
///
/// The target of the line is `panic`. A filter that lists targets without a default level, such as
/// `RUST_LOG=my_crate=info`, drops it: write `RUST_LOG=my_crate=info,panic=error`.
///
/// The hook is installed once per process. Further calls do nothing, so that both a library and the program that uses
/// it can call this function.
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
/// A panic within a panic hook aborts the process. The line is therefore written by a short-lived thread: a panic
/// there, for example in a formatter or in the `Display` of a variable, loses only this line. The panicking thread
/// waits for it for at most one second. If the writer needs a lock that the panicking thread holds, the line is written
/// after the lock has been released.
///
/// # Panics
///
/// Panics if called from code that runs during a panic, such as a destructor, as [`panic::set_hook`] does.
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
    // Formatters that show the thread's name then show that of the panicking thread.
    let reporter = thread::Builder::new().name(report.thread.clone());
    let (done, wait) = mpsc::channel::<()>();
    let started = reporter.spawn(move || {
        IS_REPORTER.set(true);
        report.write(sink);
        drop(done); // also when unwinding
    });
    if started.is_ok() {
        _ = wait.recv_timeout(LONGEST_WAIT);
        REPORTED.set(true);
    }
}

/// The data of a panic.
struct Report {
    reason: String,
    at: String,
    thread: String,
    scope: Scope,
}

impl Report {
    fn write(self, sink: Sink) {
        let _guard = self.scope.clone().map(Guard::new);
        let Self {
            reason, at, thread, ..
        } = &self;
        // As fields, which every format escapes: the panic message may contain untrusted input.
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

/// Where the line of a panic is logged.
enum Sink {
    /// The subscriber of the panicking thread, and its current span.
    #[cfg(feature = "tracing")]
    Subscriber(tracing::Dispatch, Option<tracing::span::Id>),
    /// Used instead of an event, which would log a second line if some crate enables the feature `log` of `tracing`.
    #[cfg(feature = "log")]
    Logger,
}

impl Sink {
    fn of_this_thread() -> Option<Self> {
        #[cfg(feature = "tracing")]
        if tracing::dispatcher::has_been_set() {
            // None if the subscriber is running on this thread, since it cannot be entered again.
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

/// The current span. Only a `Registry` is asked, because it cannot panic here; any other subscriber is foreign code.
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
