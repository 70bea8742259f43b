//! Without a `tracing` subscriber, a panic is a record of the `log` crate, with its context. A separate process,
//! because the hook and the logger belong to the process.

use std::sync::Mutex;
use std::{panic, thread};

use log::{Level, LevelFilter, Log, Metadata, Record};
use propagate_context::{Context, ContextVar, install_panic_hook};

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();
static RECORDED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Recorder;

impl Log for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "panic"
    }

    fn log(&self, record: &Record<'_>) {
        let value = |name: &str| {
            record
                .key_values()
                .get(name.into())
                .map(|value| value.to_string())
        };
        let shown = format!(
            "{} {:?} {:?}",
            record.level(),
            value("tenant"),
            value("reason")
        );
        RECORDED.lock().expect("nothing panics in here").push(shown);
    }

    fn flush(&self) {}
}

#[test]
fn a_panic_is_a_record_with_its_context() {
    panic::set_hook(Box::new(|_| ())); // the panic in this test is expected
    install_panic_hook();
    propagate_context::log::init(Recorder, LevelFilter::Error).expect("there is no other logger");
    assert!(propagate_context::log::init(Recorder, LevelFilter::Off).is_err());
    assert_eq!(
        log::max_level(),
        Level::Error.to_level_filter(),
        "a logger in vain changes nothing"
    );

    let job = TENANT.sync_scope("acme", || {
        Context::current().wrap(|| panic!("out of paper"))
    });
    assert!(thread::spawn(job).join().is_err());

    // The lock is released before the comparison, because its panic would log a record. A panic waits for its record,
    // but not forever.
    let take = || std::mem::take(&mut *RECORDED.lock().expect("nothing panics in there"));
    let mut recorded = take();
    while recorded.is_empty() {
        thread::yield_now();
        recorded = take();
    }
    assert_eq!(recorded, [r#"ERROR Some("acme") Some("\"out of paper\"")"#]);
}
