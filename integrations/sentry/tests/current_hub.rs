//! Sentry's scope is propagated to tasks and threads that an annotated function spawns. Their changes do not affect the
//! spawner, and the scope does not stay on the worker threads.

mod support;

use std::sync::Arc;

use propagate_context::{ambient, propagate_context};
use propagate_context_sentry::CurrentHub;
use sentry::{Breadcrumb, ClientOptions, Hub, SentryFutureExt};

use self::support::{Sentry, in_request};

#[propagate_context]
async fn handles(user: &'static str) {
    sentry::configure_scope(|scope| scope.set_tag("user", user));
    leave_breadcrumb("handler");
    tokio::spawn(async {
        leave_breadcrumb("task");
        tokio::task::yield_now().await;
        sentry::capture_message("task", sentry::Level::Info);
    })
    .await
    .unwrap();
    std::thread::spawn(|| {
        leave_breadcrumb("thread");
        sentry::capture_message("thread", sentry::Level::Info);
    })
    .join()
    .unwrap();
    sentry::capture_message("handler", sentry::Level::Info);
}

fn leave_breadcrumb(message: &str) {
    sentry::add_breadcrumb(Breadcrumb {
        message: Some(message.to_owned()),
        ..Breadcrumb::default()
    });
}

/// A single test, because ambient state is registered for the whole process.
#[test]
fn spawned_code_has_the_scope_of_its_spawner_in_its_own_hub() {
    ambient::register(CurrentHub);
    let sentry = Sentry::new(ClientOptions::new());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    runtime.block_on(async {
        // As in Sentry's own middleware.
        let request = |id: &'static str, user| {
            let hub = Arc::new(Hub::new_from_top(Hub::current()));
            in_request(id, "acme", handles(user)).bind_hub(hub)
        };
        let (one, two) = (
            tokio::spawn(request("r-1", "ada")),
            tokio::spawn(request("r-2", "grace")),
        );
        one.await.unwrap();
        two.await.unwrap();
    });

    let events = sentry.events();
    assert_eq!(events.len(), 6);
    for event in &events {
        let user = if event.tags["request_id"] == "r-1" {
            "ada"
        } else {
            "grace"
        };
        assert_eq!(event.tags["user"], user);
        let crumbs: Vec<_> = event
            .breadcrumbs
            .iter()
            .filter_map(|crumb| crumb.message.as_deref())
            .collect();
        let message = event.message.as_deref().unwrap();
        let expected = if message == "handler" {
            vec!["handler"]
        } else {
            vec!["handler", message]
        };
        assert_eq!(crumbs, expected);
    }

    sentry::capture_message("outside", sentry::Level::Info);
    assert!(!sentry.events()[0].tags.contains_key("user"));
}
