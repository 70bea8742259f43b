//! The tests of the service: each sees its own log lines with their variables, whichever thread logs them.

use axum::body::Body;
use axum::http::Request;
use propagate_context::testing::{Finished, Logs, Test};
use propagate_context_service::{TENANT, app, place, place_and_forget};
use tower::ServiceExt;

const MESSAGES: [&str; 4] = ["placed", "charged", "packed", "pictured"];

fn messages(logs: &Logs) -> Vec<String> {
    logs.lines().into_iter().map(|line| line.message).collect()
}

fn acme() -> Test {
    Test::new().with(&TENANT, "acme".to_owned())
}

#[tokio::test]
async fn an_order_is_logged_with_its_tenant() {
    let Finished { result, logs, .. } = acme().run(place(3)).await;
    assert_eq!(result, "acme");
    assert_eq!(messages(&logs), MESSAGES);
    logs.assert_each_has("tenant", "acme");
    logs.assert_each_has("items", "3");
    assert_eq!(logs.find("placed").field("items"), Some("3"));
    assert_eq!(logs.find("placed").target, "propagate_context_service");
    let shown = logs.to_string();
    assert_eq!(shown.lines().count(), MESSAGES.len(), "{shown}");
    assert!(shown.contains("placed"), "{shown}");
    assert!(format!("{logs:?}").starts_with("[Line {"), "{logs:?}");
}

#[test]
fn debug_of_a_test_shows_the_names_of_its_variables() {
    let shown = format!("{:?}", acme().strict());
    assert_eq!(shown, r#"Test { context: {"tenant"}, is_strict: true }"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lines_of_other_threads_are_followed() {
    let logs = acme().run(place(3)).await.logs;
    assert_eq!(messages(&logs), MESSAGES);
    logs.assert_each_has("tenant", "acme");
}

/// Sends a request to the service.
async fn request(tenant: &str) {
    let request = Request::post("/orders")
        .header("x-tenant", tenant)
        .body(Body::empty())
        .expect("the request is right");
    app()
        .oneshot(request)
        .await
        .expect("a router does not fail");
}

#[tokio::test]
async fn a_request_has_a_context_of_its_own() {
    let logs = acme().run(request("umbrella")).await.logs;
    assert_eq!(messages(&logs), MESSAGES);
    logs.assert_each_has("tenant", "umbrella");
    let id = logs
        .find("placed")
        .variable("request_id")
        .map(str::to_owned);
    logs.assert_each_has("request_id", &id.expect("the layer made one"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_request_that_other_threads_serve_too() {
    let logs = acme()
        .run(async {
            let context = propagate_context::Context::current();
            tokio::spawn(context.scope(request("umbrella")))
                .await
                .unwrap();
        })
        .await
        .logs;
    assert_eq!(messages(&logs), MESSAGES);
    logs.assert_each_has("tenant", "umbrella");
}

#[tokio::test]
async fn a_line_without_context_is_seen_where_it_runs_on_the_thread_of_the_test() {
    let logs = acme().run(place_and_forget()).await.logs;
    assert_eq!(logs.find("forgotten").variable("tenant"), None);
}

#[tokio::test]
#[should_panic(expected = "no tenant=\"acme\" on `INFO propagate_context_service: forgotten`")]
async fn a_line_without_context_fails_the_test() {
    let logs = acme().run(place_and_forget()).await.logs;
    logs.assert_each_has("tenant", "acme");
}

#[test]
fn sixteen_tests_at_once_see_their_own_lines() {
    std::thread::scope(|scope| {
        for n in 0..16 {
            scope.spawn(move || {
                let runtime = tokio::runtime::Builder::new_multi_thread()
                    .worker_threads(2)
                    .build()
                    .expect("a runtime can be built");
                let tenant = format!("tenant-{n}");
                let test = Test::new().with(&TENANT, tenant.clone());
                let logs = runtime
                    .block_on(test.run(async {
                        for _ in 0..20 {
                            place(n).await;
                        }
                    }))
                    .logs;
                assert_eq!(logs.lines().len(), 80);
                logs.assert_each_has("tenant", &tenant);
                logs.assert_each_has("items", &n.to_string());
            });
        }
    });
}

#[test]
fn tests_nest() {
    let outer = Test::new().run_sync(|| {
        let inner = Test::new().run_sync(|| tracing::info!("inner"));
        tracing::info!("outer");
        assert_eq!(messages(&inner.logs), ["inner"]);
    });
    assert_eq!(messages(&outer.logs), ["outer"]);
}

#[test]
fn a_subscriber_of_the_programs_wants_our_layer() {
    use tracing_subscriber::layer::SubscriberExt;

    let without = tracing_subscriber::registry();
    tracing::subscriber::with_default(without, || {
        let refused = std::panic::catch_unwind(|| Test::new().run_sync(|| ()));
        assert!(refused.is_err());
    });
    let with = tracing_subscriber::registry().with(propagate_context::testing::layer());
    tracing::subscriber::with_default(with, || {
        let logs = Test::new().run_sync(|| tracing::info!("seen")).logs;
        assert_eq!(messages(&logs), ["seen"]);
    });
}
