//! `audit` on a service with deliberately lost contexts: what it reports, what it does not see, and that it reports
//! nothing wrongly. A separate process, because its subscriber sees all threads.

use std::env;
use std::process::Command;
use std::sync::OnceLock;
use std::thread;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use axum::routing::any;
use propagate_context::audit::{self, AuditLayer, SiteReport};
use propagate_context::http::ContextLayer;
use propagate_context::{Context, ContextVar, REQUEST_ID, propagate_context};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_tungstenite::client_async;
use tracing::{debug, info, warn};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();

/// Tasks that are not awaited report when they have run.
type Finished = mpsc::UnboundedSender<()>;

/// Started by the first request without `#[detached]`, so with an attribute its lines would always have that request's
/// id.
fn worker() -> &'static mpsc::UnboundedSender<Finished> {
    static WORKER: OnceLock<mpsc::UnboundedSender<Finished>> = OnceLock::new();
    WORKER.get_or_init(|| {
        let (sender, mut jobs) = mpsc::unbounded_channel::<Finished>();
        tokio::spawn(async move {
            while let Some(job) = jobs.recv().await {
                info!("worker: lost");
                job.send(()).unwrap();
            }
        });
        sender
    })
}

/// A handler of a service in which only some functions are annotated.
async fn handler(finished: Finished) {
    info!("handler: fine");
    tokio::spawn(async { info!("task: lost") }).await.unwrap();
    tokio::task::spawn_blocking(|| info!("blocking: lost"))
        .await
        .unwrap();
    thread::spawn(|| info!("thread: lost")).join().unwrap();
    annotated().await;
    tokio::spawn(vacant()).await.unwrap();
    tokio::spawn(Context::empty().scope(async { info!("detached: a decision") }))
        .await
        .unwrap();
    worker().send(finished.clone()).unwrap();
    // A task that is polled after the handler has returned.
    tokio::spawn(async move {
        info!("late: lost");
        finished.send(()).unwrap();
    });
    debug!("filtered: not seen");
}

/// An axum handler that upgrades its connection and serves it.
async fn upgrade(
    State(finished): State<mpsc::UnboundedSender<()>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    info!("upgrading: fine");
    upgrade.on_upgrade(|mut socket| async move {
        info!("upgrade: lost");
        let _closed = socket.recv().await;
        finished.send(()).unwrap();
    })
}

/// Sends a request over a socket that upgrades its connection.
async fn upgrade_a_connection() {
    let (finished, mut wait) = mpsc::unbounded_channel();
    let app = Router::new()
        .route("/", any(upgrade))
        .with_state(finished)
        .layer(ContextLayer::new());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async { axum::serve(listener, app).await });
    let connection = TcpStream::connect(address).await.unwrap();
    let (mut socket, _) = client_async(format!("ws://{address}/"), connection)
        .await
        .unwrap();
    socket.close(None).await.unwrap();
    wait.recv().await.unwrap();
    server.abort();
}

#[propagate_context]
async fn annotated() {
    tokio::spawn(async { info!("annotated task: fine") })
        .await
        .unwrap();
    #[detached]
    let detached = tokio::spawn(async { info!("annotated detached: a decision") });
    detached.await.unwrap();
}

/// An annotated function that is called where there is no context: inside a task that is not annotated.
async fn vacant() {
    #[propagate_context]
    async fn inner() {
        info!("vacant: lost");
    }
    inner().await;
}

fn site(sites: &[SiteReport], line: u32) -> &SiteReport {
    sites
        .iter()
        .find(|site| site.line == line && site.file.ends_with("audit.rs"))
        .unwrap_or_else(|| panic!("no site at line {line}"))
}

/// Returns the numbers of the lines in this file that log an event with this text.
fn lines_with(text: &str) -> Vec<u32> {
    let numbered = (1_u32..).zip(include_str!("audit.rs").lines());
    let events = numbered.filter(|(_, line)| {
        (line.contains("info!(") || line.contains("warn!(")) && line.contains(text)
    });
    events.map(|(number, _)| number).collect()
}

#[test]
fn each_planted_loss_is_reported_and_nothing_else() {
    tracing_subscriber::registry()
        .with(audit::layer().with_filter(LevelFilter::INFO))
        .init();
    warn!("start-up: lost elsewhere");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let (finished, mut wait) = mpsc::unbounded_channel();
        let request = REQUEST_ID.scope("r-17".parse().unwrap(), handler(finished));
        tokio::spawn(TENANT.scope("acme", request)).await.unwrap();
        for _ in ["worker", "late"] {
            wait.recv().await.unwrap();
        }
        upgrade_a_connection().await;
    });
    drop(runtime);

    let report = audit::report();
    let sites = report.sites();
    assert!(
        sites.iter().all(|site| site.file.ends_with("audit.rs")),
        "third-party code: {sites:?}"
    );
    for line in lines_with(": fine\")") {
        let site = site(sites, line);
        assert_eq!(
            (site.inside, site.detached, site.lost()),
            (1, 0, 0),
            "{site:?}"
        );
    }
    for line in lines_with(": a decision\")") {
        let site = site(sites, line);
        assert_eq!(
            (site.inside, site.detached, site.lost()),
            (0, 1, 0),
            "{site:?}"
        );
    }
    for line in lines_with(": lost elsewhere\")") {
        let site = site(sites, line);
        assert_eq!(
            (site.lost_in_tasks, site.lost_elsewhere),
            (0, 1),
            "{site:?}"
        );
    }
    let lost = lines_with(": lost\")");
    assert_eq!(
        lost.len(),
        7,
        "task, blocking, thread, vacant, worker, late, upgrade"
    );
    let thread = lines_with("thread: lost")[0];
    for &line in &lost {
        let site = site(sites, line);
        assert_eq!(
            (site.inside, site.detached, site.lost()),
            (0, 0, 1),
            "{site:?}"
        );
        assert_eq!(site.lost_elsewhere, u64::from(line == thread), "{site:?}");
    }
    assert_eq!(report.lost().count(), lost.len() + 1, "{report}");

    let text = report.to_string();
    let (in_tasks, elsewhere) = text.split_once("outside of tasks:").expect(&text);
    assert!(
        in_tasks.starts_with("log lines without context, in tasks:\n"),
        "{text}"
    );
    assert_eq!(
        (in_tasks.lines().count(), elsewhere.lines().count()),
        (8, 3),
        "{text}"
    );
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["sites"].as_array().map(Vec::len), Some(sites.len()));
    assert_eq!(json["sites"][0]["lost_in_tasks"], 1);
}

#[test]
fn first_party_names_the_crates_to_count() {
    let audit = AuditLayer::separate().first_party(["elsewhere/"]);
    let subscriber = tracing_subscriber::registry().with(audit.clone());
    propagate_context_tests::with_default(subscriber, || info!("of another package"));
    assert!(audit.report().sites().is_empty());
}

#[test]
fn the_most_frequent_losses_come_first() {
    let audit = AuditLayer::separate();
    let subscriber = tracing_subscriber::registry().with(audit.clone());
    propagate_context_tests::with_default(subscriber, || {
        for times in [1, 3] {
            for _ in 0..times {
                if times == 1 {
                    info!("once");
                } else {
                    info!("often");
                }
            }
        }
        TENANT.sync_scope("acme", || info!("inside"));
    });
    let report = audit.report();
    let counts: Vec<_> = report
        .sites()
        .iter()
        .map(|site| (site.lost(), site.inside))
        .collect();
    assert_eq!(counts, [(3, 0), (1, 0), (0, 1)]);
    assert_eq!(report.lost().count(), 2);
}

/// Logs a record of the `log` crate, as the bridge between `log` and `tracing` passes it on.
fn log(target: &str, file: Option<&str>, line: u32) {
    let record = log::Record::builder()
        .level(log::Level::Info)
        .target(target)
        .file(file)
        .line(Some(line))
        .args(format_args!("a line"))
        .build();
    tracing_log::format_trace(&record).unwrap();
}

#[test]
fn a_record_of_the_log_crate_counts_at_its_own_location() {
    let audit = AuditLayer::separate();
    let subscriber = tracing_subscriber::registry().with(audit.clone());
    propagate_context_tests::with_default(subscriber, || {
        for _ in 0..2 {
            log("shop::mail", Some("src/mail.rs"), 26);
            log("shop::mail", Some("src/mail.rs"), 27);
        }
        TENANT.sync_scope("acme", || log("shop::mail", Some("src/mail.rs"), 26));
        log("hyper", Some("/registry/hyper/src/lib.rs"), 1);
        log("nowhere", None, 1);
    });
    let report = audit.report();
    let counts: Vec<_> = report
        .sites()
        .iter()
        .map(|site| (site.file.as_str(), site.line, site.inside, site.lost()))
        .collect();
    assert_eq!(
        counts,
        [("src/mail.rs", 26, 1, 2), ("src/mail.rs", 27, 0, 2)]
    );
}

/// Targets of the `log` crate are created at run time, so their number is unlimited.
#[test]
fn memory_is_limited_with_many_call_sites() {
    let audit = AuditLayer::separate();
    let subscriber = tracing_subscriber::registry().with(audit.clone());
    propagate_context_tests::with_default(subscriber, || {
        for number in 0..10_500 {
            log(&format!("user-{number}"), Some("src/mail.rs"), 26);
        }
        for _ in 0..2 {
            TENANT.sync_scope("acme", || log("user-0", Some("src/mail.rs"), 26));
        }
    });
    let report = audit.report();
    assert_eq!((report.sites().len(), report.unlisted()), (10_000, 500));
    let first = report.sites().iter().find(|site| site.target == "user-0");
    assert_eq!(first.map(|site| (site.inside, site.lost())), Some((2, 1)));
    assert!(
        report
            .to_string()
            .ends_with("call sites beyond the first 10000: 500\n")
    );
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["unlisted"], 500);
}

#[test]
fn two_layers_in_one_subscriber_count_each_line_once() {
    let audit = AuditLayer::separate();
    let other = AuditLayer::separate();
    let subscriber = tracing_subscriber::registry()
        .with(audit.clone())
        .with(other.clone())
        .with(audit.clone().with_filter(LevelFilter::INFO));
    propagate_context_tests::with_default(subscriber, || info!("once"));
    assert_eq!(audit.report().sites()[0].lost(), 1);
    assert_eq!(other.report().sites()[0].lost(), 1);
}

#[test]
fn reset_clears_the_counts() {
    let audit = AuditLayer::separate();
    let subscriber = tracing_subscriber::registry().with(audit.clone());
    propagate_context_tests::with_default(subscriber, || {
        let line = || info!("again");
        line();
        audit.reset();
        assert_eq!(audit.report().sites(), []);
        line();
    });
    assert_eq!(audit.report().sites()[0].lost(), 1);
}

/// A report can be created while an event is being logged. It does not deadlock, and it can log lines itself.
#[test]
fn a_report_can_be_part_of_a_line() {
    let audit = AuditLayer::separate();
    let subscriber = tracing_subscriber::registry()
        .with(audit.clone())
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::sink))
        .with(audit.clone());
    propagate_context_tests::with_default(subscriber, || {
        for _ in 0..2 {
            info!("{}", audit.report());
        }
    });
    assert_eq!(audit.report().sites()[0].lost(), 2);
}

/// Only the location of the code counts, not the target, the spans or the thread.
#[test]
fn foreign_targets_spans_and_threads_have_no_effect() {
    let audit = AuditLayer::separate();
    let subscriber = tracing_subscriber::registry().with(audit.clone());
    let dispatch = propagate_context_tests::dispatch(subscriber);
    tracing::dispatcher::with_default(&dispatch, || {
        info!(target: "hyper::proto", "target");
        tracing::info_span!("request", request_id = "r-17").in_scope(|| info!("in a span"));
    });
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let line = || info!("on a thread of rayon's");
    pool.install(|| tracing::dispatcher::with_default(&dispatch, line));
    let report = audit.report();
    assert_eq!(report.lost().count(), 3, "{report}");
    assert!(
        report
            .sites()
            .iter()
            .any(|site| site.target == "hyper::proto")
    );
}

/// In a process of its own, whose standard error is read.
#[test]
fn a_summary_is_written_at_the_end_if_lines_are_lost() {
    const LOSES: &str = "AUDIT_SUMMARY_LOSES";
    if let Ok(what) = env::var(LOSES) {
        let subscriber = tracing_subscriber::registry().with(audit::layer());
        let _guard = propagate_context_tests::set_default(subscriber);
        let _summary = audit::summary();
        if what != "nothing" {
            info!("without a context");
        }
        if what == "a line before a reset" {
            audit::reset();
        }
        return;
    }
    for (what, loses) in [
        ("nothing", false),
        ("a line", true),
        ("a line before a reset", false),
    ] {
        let child = Command::new(env::current_exe().unwrap())
            .args(["a_summary_is_written", "--nocapture"])
            .env(LOSES, what)
            .output()
            .unwrap();
        let errors = String::from_utf8(child.stderr).unwrap();
        assert!(child.status.success(), "{errors}");
        let written = errors.contains("log lines without context, outside of tasks:\n");
        assert_eq!(written, loses, "{what}: {errors}");
    }
}
