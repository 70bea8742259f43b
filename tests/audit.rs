//! `audit` on a service with planted losses: what it reports, what it does not see, and no false reports. In
//! a process of its own, whose subscriber sees all threads.

use std::sync::OnceLock;
use std::thread;

use propagate_context::audit::{self, AuditLayer, SiteReport};
use propagate_context::{Context, ContextVar, REQUEST_ID, propagate_context};
use tokio::sync::mpsc;
use tracing::{debug, info, warn};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

static TENANT: ContextVar<&str> = ContextVar::new("tenant").logged();

/// Nothing that is not waited for is sure to run: so each says when it has.
type Finished = mpsc::UnboundedSender<()>;

/// Started by the first request, without `#[detached]`: its lines would have that request's context for good.
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

/// A handler of a service that is annotated here and there.
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
    // What is polled after the handler has returned, as an upgraded connection is.
    tokio::spawn(async move {
        info!("upgrade: lost");
        finished.send(()).unwrap();
    });
    debug!("filtered: not seen");
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

/// Annotated, but called where there is no context: from an un-annotated spawn that calls it inside of the task.
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

/// The lines of this file with this text in an event.
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
        for _ in ["worker", "upgrade"] {
            wait.recv().await.unwrap();
        }
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
        6,
        "task, blocking, thread, vacant, worker, upgrade"
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
        (7, 3),
        "{text}"
    );
    let json: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    assert_eq!(json["sites"].as_array().map(Vec::len), Some(sites.len()));
    assert_eq!(json["sites"][0]["lost_in_tasks"], 1);
}

#[test]
fn first_party_is_what_is_named() {
    let audit = AuditLayer::separate().first_party(["elsewhere/"]);
    let subscriber = tracing_subscriber::registry().with(audit.clone());
    propagate_context_tests::with_default(subscriber, || info!("of another package"));
    assert!(audit.report().sites().is_empty());
}

#[test]
fn what_is_lost_most_comes_first() {
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
