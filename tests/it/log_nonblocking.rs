//! The context of a line is that of the thread that logs it, not of the thread that writes it.

use std::thread;

use propagate_context::{ContextVar, tracing::with_context};
use propagate_context_tests::{Output, members, with_default};
use tracing::{Dispatch, info};

static TENANT: ContextVar<String> = ContextVar::new("tenant").logged();

#[test]
fn lines_written_by_another_thread_have_their_context() {
    let output = Output::default();
    let (writer, flush_on_drop) = tracing_appender::non_blocking(output.clone());
    let subscriber = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_writer(writer)
        .map_event_format(with_context)
        .finish();
    let dispatch = Dispatch::new(subscriber);
    thread::scope(|scope| {
        for thread in 0..4 {
            let dispatch = dispatch.clone();
            scope.spawn(move || {
                with_default(dispatch, || {
                    for line in 0..50 {
                        let tenant = format!("{thread}-{line}");
                        TENANT.sync_scope(tenant.clone(), || info!(expected = tenant));
                    }
                });
            });
        }
    });
    drop(flush_on_drop);

    let output = output.take();
    assert_eq!(output.lines().count(), 200);
    for line in output.lines() {
        let members = members(line);
        let value = |name| {
            members
                .iter()
                .find(|(n, _)| n == name)
                .map(|(_, value)| value)
        };
        assert!(value("tenant").is_some());
        assert_eq!(value("tenant"), value("expected"));
    }
}
