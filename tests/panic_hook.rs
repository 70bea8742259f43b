//! A panic is one log line with the context in which it happens. A separate process, because the hook and the
//! subscriber that sees all threads belong to the process.

use std::panic;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use propagate_context::entry::Entry;
use propagate_context::http::{ContextLayer, ContextMiddleware};
use propagate_context::{
    ContextVar, Propagator, REQUEST_ID, RequestId, install_panic_hook, propagate_context, task,
};
use propagate_context_tests::{Output, members};

#[propagate_context]
async fn panic_everywhere() {
    let in_task = tokio::spawn(async { panic!("in a task") });
    assert!(in_task.await.unwrap_err().is_panic());
    let in_blocking = task::spawn_blocking(|| panic!("{} a {}", "in", "blocking task"));
    assert!(in_blocking.await.unwrap_err().is_panic());
    let in_thread = thread::spawn(|| panic::panic_any(17));
    assert!(in_thread.join().is_err());
    declarations_without_a_key();
    let in_itself = panic::catch_unwind(|| panic!("in \"itself\"\n\x1b[2J"));
    assert!(in_itself.is_err());
}

/// The panics of these functions name the line of the caller, which the test checks for every panic.
fn declarations_without_a_key() {
    static NOWHERE: ContextVar<String> = ContextVar::new("nowhere");
    let takes: [fn(); 4] = [
        || drop(Entry::new().extract(&NOWHERE)),
        || drop(Propagator::new().with_variable(&NOWHERE)),
        || drop(ContextLayer::new().extract(&NOWHERE)),
        || drop(ContextMiddleware::new().extract(&NOWHERE)),
    ];
    for take in takes {
        assert!(panic::catch_unwind(take).is_err());
    }
}

#[tokio::test]
async fn a_panic_is_logged_with_its_context_and_unwinds() {
    static BEFORE: AtomicU32 = AtomicU32::new(0);
    panic::set_hook(Box::new(|_| {
        BEFORE.fetch_add(1, Ordering::Relaxed);
    }));
    install_panic_hook();
    install_panic_hook(); // does nothing
    let output = Output::default();
    let writer = output.clone();
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(move || writer.clone())
        .map_event_format(propagate_context::tracing::with_context)
        .init();

    let id: RequestId = "r-17".parse().unwrap();
    REQUEST_ID.scope(id, panic_everywhere()).await;

    assert_eq!(BEFORE.load(Ordering::Relaxed), 8);
    // Another thread writes the line. A panic waits for it, but not forever.
    let output = output.take_lines(8);
    let mut reasons = Vec::new();
    for line in output.lines() {
        let members = members(line);
        let value = |name: &str| {
            let found = members.iter().find(|(n, _)| n == name);
            found
                .and_then(|(_, value)| value.as_str())
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(value("request_id"), "r-17", "{line}");
        assert_eq!(
            (value("level"), value("message")),
            ("ERROR".into(), "panicked".into())
        );
        assert!(value("at").contains("panic_hook.rs:"), "{line}");
        if !value("reason").contains("`nowhere`") {
            reasons.push(value("reason"));
        }
    }
    assert_eq!(
        reasons,
        [
            "in a task",
            "in a blocking task",
            "",
            "in \"itself\"\n\x1b[2J"
        ]
    );
}
