//! Events that are logged while a line is being formatted, by the `Display` of a value or by a source. `tracing` only
//! passes on such events if the subscriber is global, so this is a separate process.

use std::cell::Cell;
use std::fmt;
use std::sync::Mutex;

use propagate_context::tracing::{ContextWriter, with_context};
use propagate_context::{ContextVar, add_log_source};
use propagate_context_sinks::Output;
use tracing::info;
use tracing_subscriber::fmt::layer;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Logs when it is formatted.
struct Talkative;

impl fmt::Display for Talkative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        info!("of the display");
        f.write_str("shown")
    }
}

static TALKATIVE: ContextVar<Talkative> = ContextVar::new("talkative").logged();
static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();

thread_local! {
    static SOURCE_LOGS: Cell<bool> = const { Cell::new(false) };
}

#[test]
fn nested_events_neither_deadlock_nor_recurse() {
    let [text, json, format] = <[Output; 3]>::default();
    // The output is locked from the creation of the writer until the line is written.
    let locked = |output: &Output| ContextWriter::new(Mutex::new(output.clone()));
    tracing_subscriber::registry()
        .with(layer().json().without_time().with_writer(locked(&json)))
        .with(
            layer()
                .with_ansi(false)
                .without_time()
                .with_writer(locked(&text)),
        )
        .with(
            layer()
                .with_ansi(false)
                .without_time()
                .with_writer(format.plain())
                .map_event_format(with_context),
        )
        .init();
    add_log_source(|add| {
        if SOURCE_LOGS.get() {
            info!("of the source");
            TENANT.sync_scope("inner", || info!("of a scope of the source"));
            add("trace_id", &"4bf9");
        }
    });

    // Twice, because the kind of lines is only known after the first one.
    for _ in 0..2 {
        for output in [&text, &json, &format] {
            _ = output.take();
        }
        TALKATIVE.sync_scope(Talkative, || info!("placed"));
        for output in [&text, &format] {
            let written = output.take();
            assert!(
                written.contains(" INFO talkative=shown reentrant: placed\n"),
                "{written}"
            );
            assert!(
                written.contains(" INFO talkative=<nested> reentrant: of the display\n"),
                "{written}"
            );
        }
        let written = json.take();
        assert!(
            written.contains("{\"talkative\":\"<nested>\","),
            "{written}"
        );
        assert!(written.contains("{\"talkative\":\"shown\","), "{written}");

        SOURCE_LOGS.set(true);
        TENANT.sync_scope("acme", || info!("placed"));
        SOURCE_LOGS.set(false);
        for output in [&text, &format] {
            let written = output.take();
            assert!(
                written.contains(" INFO tenant=acme trace_id=4bf9 reentrant: placed\n"),
                "{written}"
            );
            assert!(
                written.contains(" INFO tenant=acme reentrant: of the source\n"),
                "{written}"
            );
            assert!(
                written.contains(" INFO tenant=inner reentrant: of a scope of the source\n"),
                "{written}"
            );
        }
        let written = json.take();
        assert!(
            written.contains("{\"tenant\":\"acme\",\"trace_id\":\"4bf9\","),
            "{written}"
        );
    }
}
