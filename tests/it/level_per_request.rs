//! A log level for one request: a variable that a filter of the subscriber reads.

use axum::Router;
use axum::routing::get;
use propagate_context::ContextVar;
use propagate_context::http::ContextLayer;
use propagate_context::{propagate_context, tracing::with_context};
use propagate_context_tests::{Output, set_default};
use tracing::level_filters::LevelFilter;
use tracing::{debug, info};
use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::{Layer as _, Registry, fmt};

use crate::support::wire::{get as ask, serve};

static LOG_LEVEL: ContextVar<LevelFilter> = ContextVar::new("log_level").header("x-log-level");

#[propagate_context]
async fn handle() {
    info!("handled");
    debug!("in detail");
    tokio::spawn(async { debug!("in a task") }).await.unwrap();
}

#[tokio::test]
async fn one_request_has_more_lines_than_the_others() {
    let output = Output::default();
    let writer = output.clone();
    let lines = fmt::layer()
        .with_ansi(false)
        .with_target(false)
        .without_time()
        .map_event_format(with_context)
        .with_writer(move || writer.clone());
    let wanted = dynamic_filter_fn(|metadata, _| {
        let level = LOG_LEVEL.get().unwrap_or(LevelFilter::INFO);
        metadata.target().starts_with("it::") && *metadata.level() <= level
    });
    let _guard = set_default(Registry::default().with(lines.with_filter(wanted)));

    let trusted = |parts: &http::request::Parts| parts.headers.contains_key("x-ours");
    let layer = ContextLayer::new().extract(&LOG_LEVEL).trust(trusted);
    let address = serve(Router::new().route("/", get(handle)).layer(layer)).await;
    let lines = async |headers: &[(&str, &[u8])]| {
        assert_eq!(ask(address, "/", headers).await.status, 200);
        let text = output.take();
        // Without the variables, which this test does not need.
        let words = |line: &str| -> Vec<_> {
            let words = line.split_whitespace().filter(|word| !word.contains('='));
            words.map(str::to_owned).collect()
        };
        let lines: Vec<_> = text.lines().map(|line| words(line).join(" ")).collect();
        lines
    };
    assert_eq!(lines(&[]).await, ["INFO handled"]);
    let debugged: &[(&str, &[u8])] = &[("x-ours", b"1"), ("x-log-level", b"debug")];
    let all = ["INFO handled", "DEBUG in detail", "DEBUG in a task"];
    assert_eq!(lines(debugged).await, all);
    assert_eq!(
        lines(&[("x-ours", b"1"), ("x-log-level", b"off")]).await,
        [""; 0]
    );
    // The next request and an untrusted request have the level of the program.
    assert_eq!(lines(&[]).await, ["INFO handled"]);
    assert_eq!(lines(&debugged[1..]).await, ["INFO handled"]);
}
