//! With the panic hook, a panic is one line, and no panic ends the process: not in a formatter, in a `Display` or in a
//! writer. A separate process, because the hook and the subscriber belong to the process.

use std::cell::Cell;
use std::fmt;
use std::io::Write;
use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use propagate_context::tracing::with_context;
use propagate_context::{ContextVar, install_panic_hook};
use propagate_context_sinks::Output;
use tracing::{Event, Subscriber, info, info_span};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();

/// Held by each test, because the tests share the output.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// A lock that the writer takes for each line, like a file in a `Mutex`.
static WRITER: Mutex<()> = Mutex::new(());

/// A format that panics for messages that contain `explode`.
struct Sometimes<E>(E);

impl<S, N, E> FormatEvent<S, N> for Sometimes<E>
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
        let mut line = String::new();
        self.0.format_event(ctx, Writer::new(&mut line), event)?;
        assert!(!line.contains("explode"), "it is told to explode");
        writer.write_str(&line)
    }
}

struct Locking(Output);

impl Write for Locking {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let _lock = WRITER.lock().unwrap_or_else(PoisonError::into_inner);
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn output() -> (&'static Output, MutexGuard<'static, ()>) {
    static OUTPUT: std::sync::LazyLock<Output> = std::sync::LazyLock::new(|| {
        panic::set_hook(Box::new(|info| eprintln!("{info}"))); // the panics in these tests are expected
        install_panic_hook();
        let output = Output::default();
        let writer = output.clone();
        tracing_subscriber::fmt()
            .with_ansi(false)
            .without_time()
            .with_thread_names(true)
            .with_writer(move || Locking(writer.clone()))
            .map_event_format(|format| with_context(Sometimes(format)))
            .finish()
            .init();
        output
    });
    let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    _ = OUTPUT.take();
    (&OUTPUT, alone)
}

/// Waits until something has been written and returns it. On a busy machine, a panic continues before its line is
/// written.
fn written(output: &Output) -> String {
    loop {
        let written = output.take();
        if !written.is_empty() {
            return written;
        }
        thread::yield_now();
    }
}

fn panics(with: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(with)).is_err());
}

#[test]
fn a_panic_is_one_line_with_its_span_its_thread_and_its_context() {
    let (output, _alone) = output();
    let job = || {
        info_span!("job", part = 7).in_scope(|| {
            TENANT.sync_scope("acme", || panics(|| panic!("out of\npaper")));
        });
    };
    thread::Builder::new()
        .name("printer".into())
        .spawn(job)
        .unwrap()
        .join()
        .unwrap();
    let written = written(output);
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(written.starts_with("ERROR tenant=acme "), "{written}");
    assert!(
        written.contains(" printer job{part=7}: panic: panicked reason=\"out of\\npaper\" at="),
        "{written}"
    );
    assert!(written.contains("tests/panics.rs:"), "{written}");
}

#[test]
fn a_formatter_that_panics_loses_only_its_line() {
    let (output, _alone) = output();
    panics(|| info!("explode"));
    // The line about that panic names the formatter, so it panics as well, on the thread of the reporter.
    panics(|| panic!("explode"));
    info!("next");
    let written = output.take();
    assert!(written.ends_with("panics: next\n"), "{written}");
    assert_eq!(written.matches("panicked").count(), 0, "{written}");
}

#[test]
fn a_display_that_panics_loses_only_its_value() {
    struct Bad;

    impl fmt::Display for Bad {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no")
        }
    }

    static BAD: ContextVar<Bad> = ContextVar::new("bad").logged();
    let (output, _alone) = output();
    BAD.sync_scope(Bad, || panics(|| panic!("out of paper")));
    let written = written(output);
    assert_eq!(written.lines().count(), 1, "{written}");
    assert!(written.starts_with("ERROR bad=<panicked> "), "{written}");
    assert!(written.contains("out of paper"), "{written}");
}

#[test]
fn a_panic_while_its_thread_holds_the_writers_lock_is_logged() {
    let (output, _alone) = output();
    panics(|| {
        let _held = WRITER.lock().unwrap_or_else(PoisonError::into_inner);
        panic!("with the lock")
    });
    // The line is written when the lock is released, after the panic has continued.
    let written = written(output);
    assert!(written.contains("with the lock"), "{written}");
}

#[test]
fn a_panic_in_a_destructor_of_a_thread_local_is_logged() {
    struct PanicsInDrop(Cell<bool>);

    impl Drop for PanicsInDrop {
        fn drop(&mut self) {
            panics(|| panic!("at the end"));
        }
    }

    thread_local! {
        static LAST: PanicsInDrop = const { PanicsInDrop(Cell::new(false)) };
    }

    let (output, _alone) = output();
    thread::spawn(|| LAST.with(|last| last.0.set(true)))
        .join()
        .unwrap();
    let written = written(output);
    assert!(written.contains("at the end"), "{written}");
}
