//! Each event and log has the variables of the scope that reports it, on whichever thread that scope runs. One panic is
//! reported as one issue.

mod support;

use propagate_context::{install_panic_hook, propagate_context};
use propagate_context_sentry::is_not_panic_line;
use sentry::ClientOptions;
use sentry::integrations::tracing::{ErrorLayer, LogLayer};
use sentry::protocol::{Event, Log, LogAttribute, Value};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};

use self::support::{Sentry, TENANT, in_request};

#[propagate_context]
async fn reports_everywhere() {
    report("await");
    tokio::spawn(async { report("spawn") }).await.unwrap();
    tokio::task::spawn_blocking(|| report("blocking"))
        .await
        .unwrap();
    std::thread::spawn(|| report("thread")).join().unwrap();
}

fn report(message: &str) {
    sentry::capture_message(message, sentry::Level::Info);
}

#[propagate_context]
async fn logs_everywhere() {
    tracing::info!("await");
    tokio::spawn(async { tracing::info!("spawn") })
        .await
        .unwrap();
    tokio::task::spawn_blocking(|| tracing::info!("blocking"))
        .await
        .unwrap();
    std::thread::spawn(|| tracing::info!("thread"))
        .join()
        .unwrap();
}

fn tags(events: &[Event<'_>]) -> Vec<(Option<String>, Option<String>)> {
    let tag = |event: &Event<'_>, name| event.tags.get(name).cloned();
    events
        .iter()
        .map(|event| (tag(event, "request_id"), tag(event, "tenant")))
        .collect()
}

fn attribute(log: &Log, name: &str) -> Option<String> {
    let LogAttribute(value) = log.attributes.get(name)?;
    match value {
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn of(id: &str, tenant: &str) -> (Option<String>, Option<String>) {
    (Some(id.to_owned()), Some(tenant.to_owned()))
}

/// A single test, because Sentry's client, the panic hook and the subscriber are global.
#[test]
fn reports_have_the_variables_of_their_scope() {
    let options = ClientOptions::new().before_send(|mut event| {
        // A hook that is set before `with_context` sees the variables.
        let tenant = event.tags.get("tenant").cloned().unwrap_or_default();
        event.extra.insert("seen".to_owned(), tenant.into());
        Some(event)
    });
    let sentry = Sentry::new(options);
    install_panic_hook();
    let subscriber = tracing_subscriber::registry()
        .with(ErrorLayer::new().with_filter(filter_fn(|metadata| {
            *metadata.level() == tracing::Level::ERROR && is_not_panic_line(metadata)
        })))
        .with(
            LogLayer::new().with_filter(filter_fn(|metadata| metadata.target() == module_path!())),
        );
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();

    runtime.block_on(in_request("r-1", "acme", reports_everywhere()));
    runtime.block_on(in_request("r-2", "umbrella", reports_everywhere()));
    report("outside");
    let events = sentry.events();
    let four = |id, tenant| vec![of(id, tenant); 4];
    assert_eq!(
        tags(&events),
        [
            four("r-1", "acme"),
            four("r-2", "umbrella"),
            vec![(None, None)]
        ]
        .concat()
    );
    assert!(
        events[..4]
            .iter()
            .all(|event| event.extra["seen"] == "acme")
    );

    runtime.block_on(in_request("r-1", "acme", logs_everywhere()));
    let logs = sentry.logs();
    assert_eq!(logs.len(), 4);
    for log in &logs {
        assert_eq!(attribute(log, "request_id").as_deref(), Some("r-1"));
        assert_eq!(attribute(log, "tenant").as_deref(), Some("acme"));
    }

    let panics = in_request("r-3", "acme", async { tokio::spawn(panics()).await });
    assert!(runtime.block_on(panics).is_err());
    let issues = sentry.events();
    assert_eq!(issues.len(), 1, "one panic is one issue");
    assert_eq!(tags(&issues), [of("r-3", "acme")]);

    TENANT.sync_scope("acme".to_owned(), || {
        tracing::error!("an error is an issue");
    });
    assert_eq!(tags(&sentry.events()), [(None, Some("acme".to_owned()))]);
}

#[propagate_context]
async fn panics() {
    panic!("out of thumbnails");
}
