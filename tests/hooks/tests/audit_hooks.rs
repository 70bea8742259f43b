//! With tokio's hooks a line outside of every scope is reported with the spawn that it comes from, and tasks that keep the
//! context of a request for long are listed. In a separate process, whose subscriber sees all threads.

use std::collections::HashSet;
use std::fmt;
use std::sync::mpsc;
use std::time::Duration;

use propagate_context::audit::{self, SiteReport};
use propagate_context::{ContextVar, REQUEST_ID, propagate_context};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use tracing::info;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A value that must not break our hooks.
struct Panics;

impl fmt::Display for Panics {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no")
    }
}

static PANICS: ContextVar<Panics> = ContextVar::new("panics").logged();

#[propagate_context]
async fn lazily_started(stop: oneshot::Receiver<()>) {
    tokio::spawn(async { stop.await });
}

async fn handler(stop: oneshot::Receiver<()>) {
    tokio::spawn(async { info!("task: lost") }).await.unwrap(); // the spawn
    tokio::task::spawn_blocking(|| info!("blocking: lost"))
        .await
        .unwrap();
    lazily_started(stop).await;
    PANICS
        .scope(Panics, async {
            tokio::spawn(async { info!("odd: lost") }).await.unwrap();
        })
        .await;
}

fn site<'a>(sites: &'a [SiteReport], text: &str) -> &'a SiteReport {
    let file = (1_u32..).zip(include_str!("audit_hooks.rs").lines());
    let mut lines = file.filter(|(_, line)| line.contains(text) && line.contains("info!("));
    let (line, _) = lines.next().expect("the line is here");
    sites.iter().find(|site| site.line == line).expect(text)
}

#[test]
fn a_lost_line_names_its_spawn() {
    tracing_subscriber::registry().with(audit::layer()).init();
    let (spawned, spawns) = mpsc::channel();
    let (ended, ends) = mpsc::channel();
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .on_task_spawn(move |task| {
            audit::on_task_spawn(task);
            _ = spawned.send(task.id());
        })
        .on_task_terminate(move |task| {
            audit::on_task_terminate(task);
            _ = ended.send(task.id());
        })
        .build()
        .unwrap();
    let (stop, stopped) = oneshot::channel();
    runtime.block_on(async {
        let request = REQUEST_ID.scope("r-17".parse().unwrap(), handler(stopped));
        tokio::spawn(request).await.unwrap();
    });

    // A waiter is woken before the hook of the task is called. All tasks but the worker end.
    let mut running: HashSet<_> = spawns.try_iter().collect();
    assert_eq!(running.len(), 4);
    while running.len() > 1 {
        running.remove(&ends.recv().unwrap());
    }

    let local = tokio::task::LocalSet::new();
    let current_thread = audit::hooks(&mut Builder::new_current_thread())
        .build()
        .unwrap();
    local.block_on(&current_thread, async {
        tokio::task::spawn_local(async { info!("local: lost") })
            .await
            .unwrap();
    });

    let report = audit::report();
    let task = site(report.sites(), "task: lost");
    let [spawn] = &task.spawned_at[..] else {
        panic!("{task:?}")
    };
    assert_eq!(spawn.inside_of.as_deref(), Some("request_id=r-17"));
    assert_eq!(
        (spawn.at.clone(), spawn.lost),
        (format!("{}:{}", task.file, task.line), 1)
    );
    let text = report.to_string();
    assert!(
        text.contains(&format!(
            "1 from tasks spawned at {} inside of request_id=r-17",
            spawn.at
        )),
        "{text}"
    );
    // Tokio has no hooks for these.
    assert_eq!(site(report.sites(), "blocking: lost").spawned_at, []);
    assert_eq!(site(report.sites(), "local: lost").spawned_at, []);
    let odd = site(report.sites(), "odd: lost");
    assert_eq!(odd.spawned_at.len(), 1, "{odd:?}");

    // The request is over; a task that it started still runs with its context.
    let alive = audit::long_lived(Duration::ZERO);
    let [worker] = &alive[..] else {
        panic!("{alive:?}")
    };
    assert_eq!(worker.inside_of, "request_id=r-17");
    assert!(worker.spawned_at.contains("audit_hooks.rs:"), "{worker:?}");
    assert_eq!(audit::long_lived(Duration::from_secs(3600)), []);

    stop.send(()).unwrap();
    drop(runtime);
    assert_eq!(
        audit::long_lived(Duration::ZERO),
        [],
        "nothing is kept of a task that has ended"
    );
}

#[test]
fn hooks_are_installed_in_one_call() {
    let runtime = audit::hooks(&mut Builder::new_current_thread())
        .build()
        .unwrap();
    let (ended, wait) = mpsc::channel();
    runtime.block_on(async move {
        tokio::spawn(async move { ended.send(()).unwrap() })
            .await
            .unwrap();
    });
    wait.recv().unwrap();
}
