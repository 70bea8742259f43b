//! The hooks in several runtimes at once, and in one that is shut down. In a separate process, whose subscriber sees all
//! threads.

use std::time::Duration;

use propagate_context::{REQUEST_ID, audit};
use tokio::runtime::Builder;
use tracing::info;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// A runtime on a thread of another one: each line names the spawn of the task that it is logged in.
fn nested() {
    let inner = audit::hooks(&mut Builder::new_current_thread())
        .build()
        .unwrap();
    inner.block_on(async {
        tokio::spawn(async { info!("inner: lost") }).await.unwrap();
    });
}

#[test]
fn each_line_names_the_spawn_of_its_own_runtime() {
    tracing_subscriber::registry().with(audit::layer()).init();
    let outer = audit::hooks(&mut Builder::new_multi_thread())
        .worker_threads(1)
        .build()
        .unwrap();
    outer.block_on(async {
        let request = async {
            tokio::spawn(async {
                tokio::task::spawn_blocking(nested).await.unwrap();
                info!("outer: lost");
            })
            .await
            .unwrap();
        };
        REQUEST_ID.scope("r-17".parse().unwrap(), request).await;
    });
    let handle = outer.handle().clone();
    drop(outer);

    let report = audit::report();
    let mut lost = Vec::new();
    for site in report.sites() {
        let [spawn] = &site.spawned_at[..] else {
            panic!("{site:?}")
        };
        let line: u32 = spawn.at.rsplit(':').next().unwrap().parse().unwrap();
        lost.push((site.line - line, spawn.inside_of.as_deref()));
    }
    // The distance in lines from the spawn to the event, and the task that it was in.
    assert_eq!(lost, [(0, None), (2, Some("request_id=r-17"))], "{report}");

    // When a runtime is shut down, tokio drops a task before it calls the hook of its spawn.
    REQUEST_ID.sync_scope("r-18".parse().unwrap(), || {
        drop(handle.spawn(async {}));
    });
    assert_eq!(audit::long_lived(Duration::ZERO), []);
}
