//! With the `log` crate, each logged variable is a key-value pair of each record, under the same rules as in the other
//! integrations.

use std::fmt::{self, Display};
use std::mem;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use log::kv::{self, Key, Value, VisitSource};
use log::{Level, Log, Metadata, Record};
use propagate_context::ContextVar;
use propagate_context::log::with_context;

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();
static OTHER: ContextVar<&str> = ContextVar::new("event_tenant").logged();
static SECRET: ContextVar<String> = ContextVar::new("secret");

/// Stores the key-value pairs of the records that it receives.
#[derive(Default)]
struct Recorder(Mutex<Vec<Vec<(String, String)>>>);

impl Log for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= Level::Info
    }

    fn log(&self, record: &Record<'_>) {
        struct Pairs(Vec<(String, String)>);

        impl<'kvs> VisitSource<'kvs> for Pairs {
            fn visit_pair(&mut self, key: Key<'kvs>, value: Value<'kvs>) -> Result<(), kv::Error> {
                self.0.push((key.to_string(), value.to_string()));
                Ok(())
            }
        }

        let mut pairs = Pairs(Vec::new());
        record
            .key_values()
            .visit(&mut pairs)
            .expect("this visitor does not fail");
        assert_eq!(record.key_values().count(), pairs.0.len());
        self.0.lock().expect("no test panics here").push(pairs.0);
    }

    fn flush(&self) {}
}

impl Recorder {
    fn take(&self) -> Vec<Vec<(String, String)>> {
        mem::take(&mut self.0.lock().expect("no test panics here"))
    }
}

/// Returns the key-value pairs of a record that has the pairs `own` itself.
fn logged(own: &[(&str, &str)]) -> Vec<(String, String)> {
    let recorder = Arc::new(Recorder::default());
    log_to(&with_context(recorder.clone()), own);
    let mut records = recorder.take();
    assert_eq!(records.len(), 1);
    records.remove(0)
}

fn log_to(logger: &dyn Log, own: &[(&str, &str)]) {
    let record = Record::builder()
        .level(Level::Info)
        .args(format_args!("hello"))
        .key_values(&own)
        .build();
    logger.log(&record);
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|&(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn logged_variables_precede_the_pairs_of_the_record() {
    let record = TENANT.sync_scope("acme".to_owned(), || {
        SECRET.sync_scope("hidden".to_owned(), || logged(&[("size", "m")]))
    });
    assert_eq!(record, pairs(&[("tenant", "acme"), ("size", "m")]));
    assert_eq!(logged(&[("size", "m")]), pairs(&[("size", "m")]));
}

#[test]
fn a_key_of_the_record_neither_forges_nor_repeats_a_variable() {
    let in_tenant = |own| TENANT.sync_scope("acme".to_owned(), || logged(own));
    assert_eq!(
        in_tenant(&[("tenant", "forged")]),
        pairs(&[("tenant", "acme"), ("event_tenant", "forged")])
    );
    assert_eq!(
        in_tenant(&[("tenant", "forged"), ("event_tenant", "mine")]),
        pairs(&[("tenant", "acme"), ("event_tenant", "mine")])
    );
    assert_eq!(logged(&[("tenant", "own")]), pairs(&[("tenant", "own")]));

    let mut record = OTHER.sync_scope("too", || in_tenant(&[("tenant", "forged")]));
    record.sort();
    assert_eq!(
        record,
        pairs(&[("event_tenant", "too"), ("tenant", "acme")])
    );
}

#[test]
fn names_follow_the_same_rules() {
    static LEVEL: ContextVar<u8> = ContextVar::new("level").logged();
    static SECOND: ContextVar<&str> = ContextVar::new("tenant").logged();
    let mut record = TENANT.sync_scope("a".to_owned(), || {
        SECOND.sync_scope("b", || LEVEL.sync_scope(7, || logged(&[])))
    });
    record.sort();
    let names: Vec<_> = record.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names, ["context_level", "tenant", "tenant_2"]);
}

#[test]
fn structured_values_are_escaped_and_cut_but_not_quoted() {
    let structured = || {
        let recorder = Arc::new(Recorder::default());
        log_to(&with_context(recorder.clone()).structured(), &[]);
        recorder.take().remove(0)
    };
    let shown = |value: &str| TENANT.sync_scope(value.to_owned(), || structured().remove(0).1);
    assert_eq!(shown(r#"two "words" \o/"#), r#"two "words" \o/"#);
    assert_eq!(shown("a\x1b[2J\n\u{202e}"), r"a\u{1b}[2J\n\u{202e}");
    assert_eq!(
        shown(&"x".repeat(2000)),
        format!("{}…<cut>", "x".repeat(1024))
    );
}

#[test]
fn a_display_that_panics_or_logs_is_harmless() {
    static INNER: Recorder = Recorder(Mutex::new(Vec::new()));
    struct Odd;

    impl Display for Odd {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            log_to(&with_context(&INNER), &[]);
            panic!("no")
        }
    }

    static ODD: ContextVar<Odd> = ContextVar::new("odd").logged();
    assert_eq!(
        ODD.sync_scope(Odd, || logged(&[])),
        pairs(&[("odd", "<panicked>")])
    );
    assert_eq!(logged(&[]), pairs(&[]));
    assert_eq!(INNER.take(), [pairs(&[("odd", "<nested>")])]);
}

#[test]
fn a_disabled_record_formats_no_value() {
    struct Never;

    impl Display for Never {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            unreachable!("no line shows it")
        }
    }

    static NEVER: ContextVar<Never> = ContextVar::new("never").logged();
    let recorder = Recorder::default();
    NEVER.sync_scope(Never, || {
        with_context(&recorder).log(
            &Record::builder()
                .level(Level::Debug)
                .args(format_args!(""))
                .build(),
        );
    });
    assert!(recorder.take().is_empty());
}

/// A logger asks what is enabled, and flushes, as without the variables.
#[test]
fn the_logger_is_asked_and_flushed() {
    #[derive(Default)]
    struct Flushes(AtomicUsize);
    impl Log for Flushes {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.target() == "enabled"
        }
        fn log(&self, _: &Record<'_>) {}
        fn flush(&self) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let flushes = Arc::new(Flushes::default());
    let logger = with_context(flushes.clone());
    for (target, enabled) in [("enabled", true), ("disabled", false)] {
        let metadata = Metadata::builder().target(target).build();
        assert_eq!(logger.enabled(&metadata), enabled);
    }
    logger.flush();
    assert_eq!(flushes.0.load(Ordering::Relaxed), 1);
}

/// A message is one line, in a scope or not.
#[test]
fn a_message_cannot_break_its_line() {
    struct Messages(Mutex<Vec<String>>);
    impl Log for Messages {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &Record<'_>) {
            self.0.lock().unwrap().push(record.args().to_string());
        }
        fn flush(&self) {}
    }
    let messages = Arc::new(Messages(Mutex::default()));
    let logger = with_context(messages.clone());
    let log = || logger.log(&Record::builder().args(format_args!("a\n{}", "b\r")).build());
    log();
    TENANT.sync_scope("acme".to_owned(), log);
    assert_eq!(*messages.0.lock().unwrap(), [r"a\nb\r", r"a\nb\r"]);
}

/// Numbers and booleans keep their type, if the logger's key-values can hold them.
#[test]
fn values_keep_their_types() {
    static SIZE: ContextVar<u32> = ContextVar::new("size").logged();
    static HUGE: ContextVar<u128> = ContextVar::new("huge").logged();
    static DONE: ContextVar<bool> = ContextVar::new("done").logged();
    struct Types;
    impl Log for Types {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &Record<'_>) {
            let value = |key| record.key_values().get(Key::from_str(key)).unwrap();
            assert_eq!(value("size").to_u64(), Some(7));
            assert_eq!(value("done").to_bool(), Some(true));
            assert_eq!(value("huge").to_string(), u128::MAX.to_string());
            assert_eq!(value("tenant").to_borrowed_str(), Some("7"));
        }
        fn flush(&self) {}
    }
    let log = || log_to(&with_context(Types).structured(), &[]);
    let log = || SIZE.sync_scope(7, || HUGE.sync_scope(u128::MAX, log));
    DONE.sync_scope(true, || TENANT.sync_scope("7".to_owned(), log));
}

#[test]
fn a_thread_that_ends_still_logs() {
    static RECORDER: Recorder = Recorder(Mutex::new(Vec::new()));

    struct LogsInDrop;

    impl Drop for LogsInDrop {
        fn drop(&mut self) {
            TENANT.sync_scope("acme".to_owned(), || log_to(&with_context(&RECORDER), &[]));
        }
    }

    thread_local! {
        static LOGS_AT_THE_END: LogsInDrop = const { LogsInDrop };
    }

    // Thread-locals are destroyed in the reverse order of their first use, so the line buffers are destroyed first.
    std::thread::spawn(|| {
        LOGS_AT_THE_END.with(|_| ());
        logged(&[("size", "m")]);
        TENANT.sync_scope("acme".to_owned(), || logged(&[]));
    })
    .join()
    .expect("no destructor panics");
    assert_eq!(RECORDER.take(), [pairs(&[("tenant", "acme")])]);
}
