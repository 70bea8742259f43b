//! Regardless of what the `Display` of a value does, its line and the next one are correct. A separate process, because
//! `Display` can only log with a global subscriber; a scoped one ignores events during its own work.

use std::{
    cell::RefCell,
    fmt::{self, Display},
    io, mem,
    panic::{self, AssertUnwindSafe},
    sync::Once,
};

use propagate_context::{ContextVar, tracing::with_context};
use propagate_context_tests::members;
use tracing::{Event, Level, Subscriber, info, warn};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::{Writer, format},
    },
    registry::LookupSpan,
};

thread_local! {
    /// The lines that this thread has logged, so that the tests do not see each other's lines.
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct ToThread;

impl io::Write for ToThread {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        WRITTEN.with_borrow_mut(|written| written.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Text at INFO, JSON at WARN.
struct TextOrJson<T, J>(T, J);

impl<S, N, T, J> FormatEvent<S, N> for TextOrJson<T, J>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    T: FormatEvent<S, N>,
    J: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        ctx: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        if *event.metadata().level() == Level::INFO {
            self.0.format_event(ctx, writer, event)
        } else {
            self.1.format_event(ctx, writer, event)
        }
    }
}

/// Returns the lines that `run` logs.
fn logged(run: impl FnOnce()) -> String {
    static SUBSCRIBER: Once = Once::new();
    SUBSCRIBER.call_once(|| {
        let format = format().without_time().with_level(false).with_target(false);
        tracing_subscriber::fmt()
            .with_ansi(false)
            .event_format(TextOrJson(
                with_context(format.clone()),
                with_context(format.json()),
            ))
            .with_writer(|| ToThread)
            .init();
    });
    run();
    let written = WRITTEN.with_borrow_mut(mem::take);
    String::from_utf8(written).expect("what is logged is UTF-8")
}

/// A value whose `Display` calls the given function and then writes `done`.
struct Does(fn(&mut fmt::Formatter<'_>) -> fmt::Result);

impl Display for Does {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("half ")?;
        (self.0)(f)?;
        f.write_str("done")
    }
}

static BEFORE: ContextVar<&str> = ContextVar::new("before").logged();
static ODD: ContextVar<Does> = ContextVar::new("odd").logged();

/// Logs two lines as text, the first in the context of a value that does this. Returns the field of the first line, and
/// all other lines.
fn shown(does: fn(&mut fmt::Formatter<'_>) -> fmt::Result) -> (String, Vec<String>) {
    let written = logged(|| {
        BEFORE.sync_scope("fine", || {
            ODD.sync_scope(Does(does), || info!("first"));
            info!("next");
        });
    });
    let mut lines: Vec<_> = written.lines().map(str::to_owned).collect();
    assert_eq!(
        lines.pop().as_deref(),
        Some("before=fine next"),
        "{written}"
    );
    let first = lines.pop().expect("the line itself is logged");
    assert!(first.contains("before=fine "), "{first}");
    (first.replace("before=fine ", ""), lines)
}

#[test]
fn a_display_that_panics() {
    let (first, others) = shown(|_| panic!("no"));
    assert_eq!(first, "odd=<panicked> first");
    assert!(others.is_empty());
}

#[test]
fn a_display_that_fails() {
    let (first, others) = shown(|_| Err(fmt::Error));
    assert_eq!(first, "odd=<failed> first");
    assert!(others.is_empty());
}

#[test]
fn a_display_that_logs() {
    let (first, others) = shown(|_| {
        info!("nested");
        Ok(())
    });
    assert_eq!(first, r#"odd="half done" first"#);
    let [nested] = &others[..] else {
        panic!("one nested line in {others:?}")
    };
    assert!(
        nested.contains("odd=<nested> ") && nested.contains("before=<nested> "),
        "{nested}"
    );
    assert!(nested.ends_with(" nested"), "{nested}");
}

#[test]
fn a_display_that_logs_and_panics() {
    let (first, others) = shown(|_| {
        info!("nested");
        panic!("no");
    });
    assert_eq!(first, "odd=<panicked> first");
    assert_eq!(others.len(), 1);
}

#[test]
fn a_display_that_reads_the_context() {
    let (first, _) = shown(|f| BEFORE.with(|before| write!(f, "{before:?} ")));
    assert_eq!(first, r#"odd="half Some(\"fine\") done" first"#);
}

#[test]
fn a_display_that_enters_a_scope() {
    let (first, _) =
        shown(|f| BEFORE.sync_scope("inner", || BEFORE.with(|before| write!(f, "{before:?} "))));
    assert_eq!(first, r#"odd="half Some(\"inner\") done" first"#);
}

#[test]
fn a_display_that_sets_a_variable() {
    let written = logged(|| {
        BEFORE.sync_scope("fine", || {
            ODD.sync_scope(
                Does(|_| {
                    BEFORE.set("changed");
                    Ok(())
                }),
                || {
                    info!("first");
                    info!("second");
                },
            );
        });
    });
    let lines: Vec<_> = written.lines().collect();
    assert_eq!(lines.len(), 2, "{written}");
    assert!(
        lines[0].contains(r#"odd="half done""#) && lines[0].ends_with("first"),
        "{written}"
    );
    assert!(lines[1].contains("before=changed "), "{written}");
}

#[test]
fn a_display_that_continues_after_an_error() {
    let (first, _) = shown(|f| {
        for _ in 0..100_000 {
            _ = f.write_str("0123456789");
        }
        Ok(())
    });
    let cut = format!("half {}", &"0123456789".repeat(102)[..1019]);
    assert_eq!(first, format!("odd=\"{cut}…<cut>\" first"));
}

#[test]
fn a_display_that_ignores_an_error() {
    struct Deaf;

    impl Display for Deaf {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            _ = f.write_str(&"x".repeat(2000));
            Ok(())
        }
    }

    static DEAF: ContextVar<Deaf> = ContextVar::new("deaf").logged();
    let written = logged(|| DEAF.sync_scope(Deaf, || info!("first")));
    assert_eq!(written, format!("deaf={}…<cut> first\n", "x".repeat(1024)));
}

#[test]
fn a_display_that_panics_during_unwinding() {
    struct LogsInDrop;

    impl Drop for LogsInDrop {
        fn drop(&mut self) {
            info!("dropped");
        }
    }

    let written = logged(|| {
        ODD.sync_scope(Does(|_| panic!("second")), || {
            let first = panic::catch_unwind(|| {
                let _logs = LogsInDrop;
                panic!("first");
            });
            assert!(first.is_err());
        });
    });
    assert_eq!(written, "odd=<panicked> dropped\n");
}

#[test]
fn displays_in_json() {
    let written = logged(|| {
        BEFORE.sync_scope("fine", || {
            ODD.sync_scope(
                Does(|_| {
                    warn!("nested");
                    panic!("no")
                }),
                || warn!("first"),
            );
            warn!("next");
        });
    });
    let lines: Vec<_> = written.lines().map(members).collect();
    let value = |line: usize, name: &str| {
        lines[line]
            .iter()
            .find(|(n, _)| n == name)
            .and_then(|(_, value)| value.as_str())
    };
    assert_eq!(lines.len(), 3, "{written}");
    assert_eq!(
        (value(0, "before"), value(0, "odd")),
        (Some("<nested>"), Some("<nested>"))
    );
    assert_eq!(
        (value(1, "before"), value(1, "odd")),
        (Some("fine"), Some("<panicked>"))
    );
    assert_eq!((value(2, "before"), value(2, "odd")), (Some("fine"), None));
}

/// This is not a value of the context, but it is on the same line: a field of the event whose `Debug` panics.
#[test]
fn a_field_that_panics_affects_no_other_line() {
    struct Bad;

    impl fmt::Debug for Bad {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no")
        }
    }

    let caught = |log: fn()| panic::catch_unwind(AssertUnwindSafe(log)).is_err();
    let written = logged(|| {
        BEFORE.sync_scope("fine", || {
            assert!(
                caught(|| info!(bad = ?Bad, "lost")),
                "the panic is the program's, as without us"
            );
            info!("next");
        });
    });
    assert_eq!(
        written.lines().last(),
        Some("before=fine next"),
        "{written}"
    );

    let written = logged(|| {
        BEFORE.sync_scope("fine", || {
            assert!(caught(|| warn!(bad = ?Bad, "lost")));
            warn!("next");
        });
    });
    let [line] = &written.lines().map(members).collect::<Vec<_>>()[..] else {
        panic!("one line in {written}")
    };
    assert_eq!(line[0], ("before".to_owned(), "fine".into()));
}
